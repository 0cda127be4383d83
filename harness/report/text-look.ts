/** How a text looks where it goes: its width and its colours. */
import wrapAnsi from 'wrap-ansi';

type Style = 'bold' | 'gray' | 'red' | 'cyan' | 'yellow' | 'green';

export interface TextLook {
  /** Columns; null: lines stay whole. */
  width: number | null;
  paint(style: Style, text: string): string;
}

/** In a file, in Markdown, in a pipe. */
export const PLAIN: TextLook = { width: null, paint: (_style, text) => text };

const LEAST_ROOM = 40;

/** Broken between words, every line but the first indented. @param indent blanks. */
export function wrapTo({ width }: TextLook, text: string, indent: number): string {
  const blanks = ' '.repeat(indent);
  if (width === null) return text.replaceAll('\n', `\n${blanks}`);
  const room = Math.max(LEAST_ROOM, width - indent);
  return wrapAnsi(text, room, { hard: false, trim: true }).replaceAll('\n', `\n${blanks}`);
}
