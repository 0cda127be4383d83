/** Lines as wide as the terminal: broken between words only. Off a terminal a line stays whole. */
import wrapAnsi from 'wrap-ansi';

const LEAST_WIDTH = 40;

/** @param indent of every line but the first. */
export function wrapped(text: string, stream: NodeJS.WriteStream, indent = ''): string {
  const width = stream.isTTY ? stream.columns : undefined;
  if (!width) return text.replaceAll('\n', `\n${indent}`);
  const room = Math.max(LEAST_WIDTH, width) - indent.length;
  return wrapAnsi(text, room, { hard: false, trim: false }).replaceAll('\n', `\n${indent}`);
}
