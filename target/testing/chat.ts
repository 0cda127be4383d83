/** Clients for the two streams of a target: the events of a chat, and the WebSocket of all events. */
import { once } from 'node:events';
import { createParser } from 'eventsource-parser';
import { WebSocket } from 'ws';
import { monotonicMs } from '../../harness/platform/clock.ts';

export interface StreamedEvent {
  event: string;
  // biome-ignore lint/suspicious/noExplicitAny: events of any shape are looked into
  data: any;
  atMs: number;
}

export interface ChatAnswer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: of a refusal
  body: any;
  events: StreamedEvent[];
  /** The number of comments, that is, heartbeats. */
  comments: number;
  /** The answer's text, joined. */
  text: string;
  sessionId: string | null;
  /** The name of the last event: `done` or `error`; `cut` when there was neither. */
  end: 'done' | 'error' | 'cut';
  bytes: number;
}

export interface ChatOptions {
  sessionId?: string;
  format?: 'text' | 'steps';
  tools?: string[];
  signal?: AbortSignal;
  /** Called for each event as it arrives. */
  onEvent?(event: StreamedEvent): void;
}

/** Sends one message and reads the answer to its end. */
export async function chat(
  url: string,
  message: string,
  { signal, onEvent, ...more }: ChatOptions = {},
): Promise<ChatAnswer> {
  const response = await fetch(`${url}/api/v1/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message, ...more }),
    signal: signal ?? null,
  });
  const events: StreamedEvent[] = [];
  let comments = 0;
  let bytes = 0;
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    const body = await response.json();
    return { ...noAnswer, status: response.status, body };
  }
  const parser = createParser({
    onEvent({ event = 'message', data }) {
      const one = { event, data: JSON.parse(data), atMs: monotonicMs() };
      events.push(one);
      onEvent?.(one);
    },
    onComment() {
      comments++;
    },
  });
  const decoder = new TextDecoder();
  try {
    for await (const piece of response.body as AsyncIterable<Uint8Array>) {
      bytes += piece.length;
      parser.feed(decoder.decode(piece, { stream: true }));
    }
  } catch (error) {
    if (signal?.aborted) throw error;
  }
  const deltas = events.filter(({ event }) => event === 'delta');
  const last = events.at(-1)?.event;
  return {
    status: response.status,
    body: null,
    events,
    comments,
    bytes,
    text: deltas.map(({ data }) => (data.path === 'answer' ? data.text : '')).join(''),
    sessionId: events[0]?.data.sessionId ?? null,
    end: last === 'done' || last === 'error' ? last : 'cut',
  };
}

/** How a turn ended: its last event, or `hangs` when there was none within `limitMs`. */
export async function turnWithin(
  url: string,
  message: string,
  limitMs: number,
  options: ChatOptions = {},
): Promise<ChatAnswer['end'] | 'hangs'> {
  const limit = AbortSignal.timeout(limitMs);
  const signal = options.signal ? AbortSignal.any([limit, options.signal]) : limit;
  try {
    return (await chat(url, message, { ...options, signal })).end;
  } catch (error) {
    if (limit.aborted) return 'hangs';
    throw error;
  }
}

const noAnswer = {
  events: [],
  comments: 0,
  bytes: 0,
  text: '',
  sessionId: null,
  end: 'cut' as const,
};

/** The text that a delta of the event stream adds to the answer. */
export const textOfDelta = ({ data }: StreamedEvent): string =>
  data.pieces.map(({ text }: { text: string }) => text).join('');

export interface EventListener extends Disposable {
  readonly socket: WebSocket;
  readonly events: StreamedEvent[];
  readonly bytes: number;
  readonly closed: boolean;
  /** Resolves with the first event, past or future, that satisfies `wanted`. */
  until(wanted: (event: StreamedEvent) => boolean, limitMs?: number): Promise<StreamedEvent>;
}

/** Connects to the event stream; resolves once connected. */
export async function listenTo(url: string, sessionId?: string): Promise<EventListener> {
  const query = sessionId ? `?sessionId=${sessionId}` : '';
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/events${query}`);
  const events: StreamedEvent[] = [];
  const waiting = new Set<() => void>();
  let bytes = 0;
  let closed = false;
  socket.on('message', (data: Buffer) => {
    bytes += data.length;
    const content = JSON.parse(data.toString('utf8'));
    events.push({ event: content.type, data: content, atMs: monotonicMs() });
    for (const look of waiting) look();
  });
  socket.on('close', () => {
    closed = true;
  });
  await once(socket, 'open');
  socket.on('error', () => {});
  return {
    socket,
    events,
    get bytes() {
      return bytes;
    },
    get closed() {
      return closed;
    },
    until(wanted, limitMs = 10_000) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = events.find(wanted);
          if (!found) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(found);
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`no such event within ${limitMs} ms; there were ${events.length}`));
        }, limitMs);
        waiting.add(look);
        look();
      });
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
}
