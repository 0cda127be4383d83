/** A text whose lines are indented, for a terminal: wrapped between words, never inside one. */
import wrapAnsi from 'wrap-ansi';

/** A line that goes on is indented by so much more. */
const HANGING = 4;
/** A terminal that is narrower wraps as it likes. */
const LEAST_WIDTH = 30;

/** @param width of the terminal; undefined where there is none: then lines are left as they are. */
export function wrapLines(text: string, width: number | undefined): string {
  if (width === undefined || width < LEAST_WIDTH) return text;
  return text
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n');
}

function wrapLine(line: string, width: number): string {
  if (line.length <= width) return line;
  const indent = /^ */.exec(line)?.[0] ?? '';
  const room = width - indent.length - HANGING;
  const onward = `\n${indent}${' '.repeat(HANGING)}`;
  const words = wrapAnsi(line.slice(indent.length), room, { hard: false, trim: true });
  return `${indent}${words.replaceAll('\n', onward)}`;
}
