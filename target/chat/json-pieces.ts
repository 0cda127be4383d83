/**
 * Reads JSON incrementally, each character once, and passes on its strings piece by piece, each with its
 * path. It does not validate: that is done once, when the text is complete.
 */

/** `path` is the path of the value: `thoughts.0`. A number, true, false or null is one piece. */
export type OnPiece = (path: string, text: string) => void;

export interface PieceReader {
  push(text: string): void;
}

export type ReadPieces = (onPiece: OnPiece) => PieceReader;

interface Level {
  kind: 'object' | 'list';
  /** The key, or the index, of the next value. */
  at: string | number;
  expectsKey: boolean;
}

/** Deeper levels are not tracked. */
const MAX_DEPTH = 64;

const ESCAPES: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

export const readIncrementally: ReadPieces = (onPiece) => {
  const levels: Level[] = [];
  let inString = false;
  let isKey = false;
  /** A key, or a value that is not a string: complete only at its end. */
  let word = '';
  /** An unfinished escape sequence. */
  let escaped = '';
  let path = '';
  /** Levels beyond the deepest that is tracked. */
  let deeper = 0;

  const take = (piece: string) => {
    if (piece === '') return;
    if (isKey) word += piece;
    else onPiece(path, piece);
  };

  const endWord = () => {
    if (word !== '') onPiece(pathOf(levels), word);
    word = '';
  };

  const endString = () => {
    inString = false;
    const level = levels.at(-1);
    if (!isKey || !level) return;
    level.at = word;
    level.expectsKey = false;
    word = '';
    isKey = false;
  };

  const outside = (character: string) => {
    const level = levels.at(-1);
    if (character === '"') {
      inString = true;
      isKey = level?.kind === 'object' && level.expectsKey;
      path = pathOf(levels);
    } else if (character === '{' || character === '[') {
      if (levels.length === MAX_DEPTH) {
        deeper++;
      } else {
        const kind = character === '{' ? 'object' : 'list';
        levels.push({ kind, at: kind === 'list' ? 0 : '', expectsKey: kind === 'object' });
      }
    } else if (character === '}' || character === ']') {
      endWord();
      if (deeper > 0) deeper--;
      else levels.pop();
    } else if (character === ',') {
      endWord();
      if (level?.kind === 'list') level.at = Number(level.at) + 1;
      else if (level) level.expectsKey = true;
    } else if (!/[\s:]/.test(character)) {
      word += character;
    }
  };

  /** Reads the inside of a string, starting at `from`; returns where it stopped. */
  const inside = (text: string, from: number): number => {
    if (escaped !== '') return inEscape(text, from);
    let at = from;
    while (at < text.length && text[at] !== '"' && text[at] !== '\\') at++;
    take(text.slice(from, at));
    if (text[at] === '"') endString();
    else if (text[at] === '\\') escaped = '\\';
    return at + 1;
  };

  const inEscape = (text: string, from: number): number => {
    escaped += text[from];
    const whole = escaped[1] === 'u' ? 6 : 2;
    if (escaped.length === whole) {
      const letter = escaped[1] as string;
      take(
        whole === 6
          ? String.fromCharCode(Number.parseInt(escaped.slice(2), 16))
          : (ESCAPES[letter] ?? letter),
      );
      escaped = '';
    }
    return from + 1;
  };

  return {
    push(text) {
      for (let at = 0; at < text.length; ) {
        if (inString) {
          at = inside(text, at);
        } else {
          outside(text[at] as string);
          at++;
        }
      }
    },
  };
};

function pathOf(levels: readonly Level[]): string {
  return levels.map(({ at }) => at).join('.');
}
