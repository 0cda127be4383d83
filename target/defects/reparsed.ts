/** Reads JSON while it comes by parsing all that has come so far, again and again. */
import type { OnPiece, ReadPieces } from '../chat/json-pieces.ts';
import { completed } from './partial-json.ts';

/** @param worthwhile whether to parse what has come so far */
export function reparsing(worthwhile: (sofar: string) => boolean): ReadPieces {
  return (onPiece) => {
    const told = new Map<string, number>();
    let sofar = '';
    return {
      push(text) {
        sofar += text;
        if (!worthwhile(sofar)) return;
        const whole = completed(sofar);
        if (whole !== null) tellNew(JSON.parse(whole), '', told, onPiece);
      },
    };
  };
}

/** Tells what of each string in `value` has not been told yet. */
function tellNew(value: unknown, path: string, told: Map<string, number>, onPiece: OnPiece): void {
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      tellNew(inner, path === '' ? key : `${path}.${key}`, told, onPiece);
    }
  } else if (typeof value === 'string') {
    const from = told.get(path) ?? 0;
    if (value.length > from) onPiece(path, value.slice(from));
    told.set(path, value.length);
  }
}
