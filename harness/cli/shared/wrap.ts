/** Text for a terminal: wrapped between words, never inside one. */

/** A line that goes on is indented by so much more. */
const HANGING = 4;
/** A terminal that is narrower wraps as it likes. */
const MIN_WIDTH = 30;

/** @param width of the terminal; undefined where there is none: then lines are left as they are. */
export function wrap(text: string, width: number | undefined): string {
  if (width === undefined || width < MIN_WIDTH) return text;
  return text
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n');
}

function wrapLine(line: string, width: number): string {
  if (line.length <= width) return line;
  const indent = /^ */.exec(line)?.[0] ?? '';
  const lines: string[] = [];
  let current = indent;
  for (const word of line.slice(indent.length).split(' ')) {
    const isFirst = current.trim() === '';
    if (!isFirst && current.length + 1 + word.length > width) {
      lines.push(current);
      current = `${indent}${' '.repeat(HANGING)}${word}`;
    } else {
      current = isFirst ? `${current}${word}` : `${current} ${word}`;
    }
  }
  return [...lines, current].join('\n');
}
