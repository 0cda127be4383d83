/** A few lines of source with their numbers, and a mark below the place, as compilers show them. */
import { plainText } from '../platform/plain-text.ts';
import type { Excerpt } from './page/page-data.ts';
import { type TextLook, wrapTo } from './text-look.ts';

export interface ExcerptTextOptions {
  look: TextLook;
  /** What is said below the mark. */
  remark: string;
  /** How many lines before and after the marked one. */
  around?: number;
}

/** Without the line that names the place. */
export function excerptText(
  { line, firstLine, lines, column = 0 }: Excerpt,
  { look, remark, around = 2 }: ExcerptTextOptions,
): string[] {
  const from = Math.max(firstLine, line - around);
  const to = Math.min(firstLine + lines.length - 1, line + around);
  const size = String(to).length;
  const edge = (number: string): string => look.paint('cyan', `${number.padStart(size)} |`);
  const shown = (text: string): string => {
    const plain = plainText(text);
    const room = look.width === null ? plain.length : Math.max(20, look.width - size - 4);
    return plain.length <= room ? plain : `${plain.slice(0, room - 1)}…`;
  };
  const result: string[] = [];
  for (let number = from; number <= to; number++) {
    const text = lines[number - firstLine] ?? '';
    const isMarked = number === line;
    const row = `${edge(String(number))} ${shown(text)}`.trimEnd();
    result.push(isMarked ? `${look.paint('red', '>')} ${row}` : `  ${row}`);
    if (!isMarked) continue;
    const indent = column > 0 ? column - 1 : text.length - text.trimStart().length;
    const mark = ' '.repeat(Math.min(indent, 60));
    const said = wrapTo(
      look,
      `${look.paint('red', '^')} ${look.paint('red', plainText(remark))}`,
      0,
    );
    for (const part of said.split('\n')) result.push(`  ${edge('')} ${mark}${part}`);
  }
  return result;
}
