/** Places in a text, by offset and by line and column. */

/** The offset of a place (line and column from 0) in a text. */
export function offsetAt(text: string, line: number, column: number): number {
  let at = 0;
  for (let n = 0; n < line; n++) {
    const next = text.indexOf('\n', at);
    if (next < 0) return text.length;
    at = next + 1;
  }
  return at + column;
}

/** Line and column, from 0, of an offset. */
export function placeAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length - 1;
  return { line, column: offset - (before.lastIndexOf('\n') + 1) };
}
