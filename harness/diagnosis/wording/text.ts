/** File names and lists in sentences: short, and relative to where the process works. */
import { redact } from '../../platform/redact.ts';

/** An open file's path: relative to the process's own working directory when it lies below that; homes as `~`. */
export function openFileName(path: string, workingDirectory: string): string {
  const isBelow = workingDirectory.length > 1 && path.startsWith(`${workingDirectory}/`);
  return redact(isBelow ? path.slice(workingDirectory.length + 1) : path);
}

/** At most `most` characters, cut in the middle: both ends of a path say more than what lies between. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const tail = Math.floor((most - 1) / 2);
  return `${text.slice(0, most - 1 - tail)}…${text.slice(-tail)}`;
}

const MAX_PARTS = 4;
const MAX_CHARACTERS = 400;

/** The first few that fit into a line, the very first in any case, and how many more there are. */
export function someOf(parts: readonly string[], separator = '; '): string {
  let length = 0;
  const fitting = parts.filter((part, i) => {
    length += part.length + separator.length;
    return i === 0 || (i < MAX_PARTS && length <= MAX_CHARACTERS);
  });
  const left = parts.length - fitting.length;
  return [...fitting, ...(left > 0 ? [`and ${left} more`] : [])].join(separator);
}
