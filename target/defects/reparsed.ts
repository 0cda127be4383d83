/** Reads streamed JSON by parsing everything received so far, again and again. */
import type { OnPiece, ReadPieces } from '../chat/json-pieces.ts';
import { completed } from './partial-json.ts';

/** @param shouldParse whether to parse what has been received so far */
export function reparsing(shouldParse: (received: string) => boolean): ReadPieces {
  return (onPiece) => {
    const sent = new Map<string, number>();
    let received = '';
    return {
      push(text) {
        received += text;
        if (!shouldParse(received)) return;
        const whole = completed(received);
        if (whole !== null) sendNew(JSON.parse(whole), '', sent, onPiece);
      },
    };
  };
}

/** Passes on the part of each string in `value` that has not been sent yet. */
function sendNew(value: unknown, path: string, sent: Map<string, number>, onPiece: OnPiece): void {
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      sendNew(inner, path === '' ? key : `${path}.${key}`, sent, onPiece);
    }
  } else if (typeof value === 'string') {
    const from = sent.get(path) ?? 0;
    if (value.length > from) onPiece(path, value.slice(from));
    sent.set(path, value.length);
  }
}
