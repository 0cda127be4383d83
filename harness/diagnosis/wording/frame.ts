/** A function and its place, as sentences name it. */
import type { Frame } from '../diagnosis.ts';

export function frameLabel({ function: name, file, line, isBegin }: Omit<Frame, 'column'>): string {
  return `${name} (${isBegin ? 'begins at ' : ''}${file}:${line})`;
}
