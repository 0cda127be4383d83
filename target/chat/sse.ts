/**
 * The stream of events to a chat client. A comment now and then keeps the connection alive and finds
 * out whether the client is still there. A client that does not read is let go, never waited for.
 */
import type { FastifyReply } from 'fastify';
import type { TurnOutput } from './turns.ts';

export interface EventStream extends TurnOutput, Disposable {}

export interface EventStreamOptions {
  heartbeatMs: number;
  /** Bytes that may wait for the client. */
  bufferBytes: number;
  /** Called once, when more than that waits: the connection is closed. */
  onSlow(): void;
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  connection: 'close',
};

/** Answers with 200 and keeps the answer open until it is disposed. */
export function openEventStream(reply: FastifyReply, options: EventStreamOptions): EventStream {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, HEADERS);
  const write = (text: string) => {
    if (raw.destroyed || raw.writableEnded) return;
    raw.write(text);
    if (raw.writableLength <= options.bufferBytes) return;
    options.onSlow();
    raw.destroy();
  };
  const heartbeat = setInterval(() => write(': heartbeat\n\n'), options.heartbeatMs);
  return {
    send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    [Symbol.dispose]() {
      clearInterval(heartbeat);
      raw.end();
    },
  };
}
