/** Each request in flight, reported to the history and the journal from its start to its one ending. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { EventBody, ModelEnding } from '../../history/events.ts';
import { monotonicMs } from '../../platform/clock.ts';
import type { Answer } from '../answers/answer.ts';
import type { Behaviour } from '../rules/behaviour.ts';
import type { Asked, RuleBook } from '../rules/rule-book.ts';
import { deliver } from './deliver.ts';
import type { Gate } from './gate.ts';
import type { Pace } from './pace.ts';
import { waiter } from './wait.ts';

/** What the history calls an upstream, only whoever started the model knows. */
type ModelBody =
  | Omit<Extract<EventBody, { kind: 'model-start' }>, 'upstream'>
  | Extract<EventBody, { kind: 'model-first-byte' | 'model-silent' | 'model-end' }>;
type Started = Extract<ModelBody, { kind: 'model-start' }>;

/**
 * What the model reports about its requests: the history's events, at an absolute `monotonicMs()`.
 * `model-start` is sent once a request has been read whole; `bytes` are those of the wire, head and
 * framing included; `tokens` are those of an answer's text, of one that is no stream only when it is whole.
 */
export type ModelEvent = { atMs: number } & (
  | Exclude<ModelBody, Started>
  | (Started & Pick<Asked, 'route' | 'path' | 'upstream' | 'model' | 'streamed'>)
);

/** One for all: to make an error with its stack for each request costs more than the rest of its end. */
const GONE = new Error('the client has gone, or the answer is over');

export interface Exchange {
  requestId: string;
  method: string;
  asked: Asked;
  answer: Answer;
  behaviour: Behaviour | null;
  response: ServerResponse;
  socket: Socket;
}

/** What is known of a request that has been read; `ending` is null while it is in flight. */
export interface ExchangeFacts {
  id: number;
  requestId: string;
  method: string;
  /** Without its text, which would fill the memory of a long run. */
  asked: Omit<Asked, 'text' | 'lastText'>;
  behaviour: string | null;
  startedMs: number;
  endedMs: number | null;
  ending: ModelEnding | null;
  silent: boolean;
  status: number;
  bytes: number;
  tokens: number;
}

export interface Exchanges {
  begin(exchange: Exchange): void;
  inFlight(): ExchangeFacts[];
  /** Says of all in flight that they end with the server. */
  shutDown(): void;
}

export function exchanges(options: {
  pace: Pace;
  gate: Gate;
  book: RuleBook;
  onEvent: (event: ModelEvent) => void;
  onEnd: (facts: ExchangeFacts) => void;
}): Exchanges {
  const { pace, gate, book, onEvent } = options;
  const open = new Map<() => ExchangeFacts, (ending: ModelEnding) => void>();
  let lastId = 0;

  const begin = (exchange: Exchange): void => {
    const { asked, answer, behaviour, response, socket } = exchange;
    const { text: _, lastText: _last, ...about } = asked;
    const id = ++lastId;
    const name = behaviour?.name ?? '';
    const bytesBefore = socket.bytesWritten;
    const startedMs = monotonicMs();
    const gone = new AbortController();
    let tokens = 0;
    let silent = false;
    /** Of an answer that has been sent to its end, `close` may come before its delivery is heard of. */
    let sentAs: ModelEnding | null = null;

    const facts = (): ExchangeFacts => ({
      id,
      requestId: exchange.requestId,
      method: exchange.method,
      asked: about,
      behaviour: behaviour?.name ?? null,
      startedMs,
      endedMs: null,
      ending: null,
      silent,
      status: response.headersSent ? response.statusCode : 0,
      bytes: socket.bytesWritten - bytesBefore,
      tokens,
    });
    const end = (ending: ModelEnding): void => {
      if (!open.delete(facts)) return;
      const atMs = monotonicMs();
      const last = { ...facts(), ending, endedMs: atMs };
      onEvent({
        atMs,
        kind: 'model-end',
        id,
        ending,
        status: last.status,
        bytes: last.bytes,
        tokens,
      });
      options.onEnd(last);
    };
    response.on('close', () => {
      const isOurs = response.writableFinished || sentAs === 'fin' || sentAs === 'reset';
      end(sentAs !== null && isOurs ? sentAs : 'client-closed');
      gone.abort(GONE);
    });
    // A client that resets is one that has gone: `close` follows.
    response.on('error', () => {});

    open.set(facts, end);
    onEvent({ atMs: startedMs, kind: 'model-start', id, ...about });
    const stream = {
      response,
      socket,
      gate,
      signal: gone.signal,
      wait: waiter(gone.signal),
      onTokens: (count: number) => {
        tokens += count;
      },
      onFirstByte: () => onEvent({ atMs: monotonicMs(), kind: 'model-first-byte', id }),
      onSilent: () => {
        silent = true;
        onEvent({ atMs: monotonicMs(), kind: 'model-silent', id, behaviour: name });
      },
      onEffect: () => book.recordHit(name),
      onEnding: (ending: ModelEnding) => {
        sentAs = ending;
      },
    };
    deliver(stream, answer, behaviour ?? {}, pace, startedMs).then(end, () => response.destroy());
  };

  return {
    begin,
    inFlight: () => [...open.keys()].map((facts) => facts()),
    shutDown: () => {
      for (const end of open.values()) end('shutdown');
    },
  };
}
