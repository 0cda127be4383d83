/** Each request in flight: told to the history from its start to its one ending. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { EventBody, ModelEnding } from '../history/events.ts';
import { monotonicMs } from '../platform/clock.ts';
import { titleIn } from '../target/operations/input.ts';
import type { Answer } from './answer.ts';
import type { Behaviour } from './behaviour.ts';
import { deliver, endingOf, type Pace } from './delivery.ts';
import type { Gate } from './gate.ts';
import type { Asked, RuleBook } from './rules.ts';

/** Which upstream of the target a request is for, only whoever started the model knows. */
type ModelBody =
  | Omit<Extract<EventBody, { kind: 'model-start' }>, 'upstream'>
  | Extract<EventBody, { kind: 'model-first-byte' | 'model-silent' | 'model-end' }>;

/**
 * What the model tells of its requests: the history's events, at an absolute `monotonicMs()`. Of a
 * request `model-start` is told when it has been read whole; `bytes` are those of the wire, head and
 * framing included; `tokens` are those of a chat's answer, of one that is no stream only when it is whole.
 */
export type ModelEvent = { atMs: number } & ModelBody;

export interface Conversation {
  asked: Asked;
  answer: Answer;
  behaviour: Behaviour | null;
  response: ServerResponse;
  socket: Socket;
}

export interface Conversations {
  begin(conversation: Conversation): void;
  /** Says of all in flight that they end with the server. */
  shutDown(): void;
}

export function conversations(options: {
  pace: Pace;
  gate: Gate;
  book: RuleBook;
  onEvent: (event: ModelEvent) => void;
}): Conversations {
  const { pace, gate, book, onEvent } = options;
  const inFlight = new Set<(ending: ModelEnding) => void>();
  const emit = (body: ModelBody): void => onEvent({ atMs: monotonicMs(), ...body });
  let lastId = 0;

  const begin = ({ asked, answer, behaviour, response, socket }: Conversation): void => {
    const id = ++lastId;
    const name = behaviour?.name ?? '';
    const bytesBefore = socket.bytesWritten;
    const gone = new AbortController();
    let tokens = 0;
    const end = (ending: ModelEnding): void => {
      if (!inFlight.delete(end)) return;
      const bytes = socket.bytesWritten - bytesBefore;
      emit({ kind: 'model-end', id, ending, status: response.statusCode, bytes, tokens });
    };
    response.on('close', () => {
      // `close` also follows a whole answer, before its delivery has been heard of.
      end(response.writableFinished ? endingOf(answer) : 'client-closed');
      gone.abort();
    });
    // A client that resets is one that has gone: `close` follows.
    response.on('error', () => {});

    inFlight.add(end);
    // What an input of a run is about is told by its own text, whoever sends it on.
    const subject = titleIn(asked.text) ?? asked.subject;
    emit({ kind: 'model-start', id, operation: asked.operation, subject });
    const wire = {
      response,
      socket,
      gate,
      signal: gone.signal,
      onTokens: (count: number) => {
        tokens += count;
      },
      onFirstByte: () => emit({ kind: 'model-first-byte', id }),
      onSilent: () => emit({ kind: 'model-silent', id, behaviour: name }),
      onBitten: () => book.bitten(name),
    };
    deliver(wire, answer, behaviour ?? {}, pace).then(end, () => response.destroy());
  };

  return {
    begin,
    shutDown: () => {
      for (const end of inFlight) end('shutdown');
    },
  };
}
