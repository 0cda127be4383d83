/** Text of anybody's making inside Markdown: it stays text, and leaves tables and fences whole. */

/** What Markdown or HTML would read as markup. */
const MARKUP = /[\\`*_[\]<>|!~&]|^#/g;

/** For a cell of a table, or any line: in one line, and every sign of markup as the sign that it is. */
export function cell(text: string): string {
  return (
    oneLine(text)
      .replaceAll(MARKUP, (sign) => (sign === '&' ? '&amp;' : sign === '<' ? '&lt;' : `\\${sign}`))
      // Nobody is to be called by a log line.
      .replaceAll('@', '@<!-- -->')
      .replaceAll(/\b(https?):\/\//g, '$1:<!-- -->//')
  );
}

/** As code within a line or a cell. */
export function codeSpan(text: string): string {
  const line = oneLine(text).replaceAll('|', '\\|');
  const ticks = '`'.repeat(longestRun(line, '`') + 1);
  // A space on both sides belongs to the ticks, where the text begins or ends with one.
  const space = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${ticks}${space}${line}${space}${ticks}`;
}

/** As a block, in a fence that nothing in it can close. */
export function fence(text: string): string[] {
  const ticks = '`'.repeat(Math.max(3, longestRun(text, '`') + 1));
  return [ticks, text, ticks];
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function longestRun(text: string, sign: string): number {
  let longest = 0;
  let run = 0;
  for (const each of text) {
    run = each === sign ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}
