/** The way of the pieces of a reply: read, counted, and told to the client and to all who listen. */
import type { Broadcast } from '../events/broadcast.ts';
import type { TurnRef } from '../events/events.ts';
import type { LiveStats } from '../events/live-stats.ts';
import type { ReplyListener } from '../model/reply.ts';
import type { OnPiece, PieceReader, ReadPieces } from './json-pieces.ts';
import type { TurnOutput } from './turns.ts';

export interface Pieces {
  listener: ReplyListener;
  /** Sends the client what has come since the last time; waits where the broadcast wants it. */
  passOn(): Promise<void> | void;
}

export interface PieceParts {
  broadcast: Broadcast;
  stats: LiveStats;
  readPieces: ReadPieces;
}

/** @param structured the text is JSON: its strings are told, by their paths */
export function piecesOf(
  turn: TurnRef,
  structured: boolean,
  output: TurnOutput,
  { broadcast, stats, readPieces }: PieceParts,
): Pieces {
  let gathered: { path: string; texts: string[] }[] = [];
  let waits: Promise<void>[] = [];

  const onPiece: OnPiece = (path, text) => {
    const last = gathered.at(-1);
    if (last?.path === path) last.texts.push(text);
    else gathered.push({ path, texts: [text] });
    stats.piece(turn.sessionId, text);
    const told = broadcast.piece(turn, path, text);
    if (told) waits.push(told);
  };

  const text = structured
    ? readPieces(onPiece)
    : { push: (piece: string) => onPiece('answer', piece) };
  const calls = new Map<number, PieceReader>();
  return {
    listener: {
      text: (piece) => text.push(piece),
      argument(index, piece) {
        const reader =
          calls.get(index) ?? readPieces((path, text) => onPiece(`calls.${index}.${path}`, text));
        calls.set(index, reader);
        reader.push(piece);
      },
    },
    passOn() {
      for (const { path, texts } of gathered) output.send('delta', { path, text: texts.join('') });
      gathered = [];
      if (waits.length === 0) return;
      const told = Promise.all(waits);
      waits = [];
      return told.then(() => {});
    },
  };
}
