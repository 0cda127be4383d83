/**
 * The event stream to a chat client. Periodic comments keep the connection alive and detect clients
 * that have gone. A client that does not read is dropped; nothing waits for it.
 */
import type { FastifyReply } from 'fastify';
import type { TurnOutput } from './turns.ts';

export interface EventStream extends TurnOutput, Disposable {}

export interface EventStreamOptions {
  heartbeatMs: number;
  /** Most bytes that may be buffered for the client. */
  bufferBytes: number;
  /** Called once when more is buffered; the connection is then closed. */
  onSlow(): void;
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  connection: 'close',
};

/** Answers with 200 and keeps the response open until disposal. */
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
