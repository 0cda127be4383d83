/** The answer to one request on its connection: writing bytes, waiting, and reporting what happens. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ModelEnding } from '../../history/events.ts';
import type { Answer } from '../answers/answer.ts';
import type { Behaviour } from '../rules/behaviour.ts';
import type { Gate } from './gate.ts';

export interface ResponseStream {
  response: ServerResponse;
  socket: Socket;
  gate: Gate;
  /** Aborted when the client has gone or the server stops. */
  signal: AbortSignal;
  /** Resolves after so many milliseconds; rejects when `signal` aborts. */
  wait(ms: number): Promise<void>;
  onTokens(count: number): void;
  onFirstByte(): void;
  onSilent(): void;
  /** The behaviour has taken effect. */
  onEffect(): void;
  /** The message is about to end in this way. */
  onEnding(ending: ModelEnding): void;
}

/** Resolves when the kernel has taken `data`: a client that does not read holds its own answer up. */
export function write(
  { response, socket }: ResponseStream,
  data: string | Uint8Array,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => (error ? reject(error) : resolve());
    if (data.length > 0) response.write(data, done);
    else {
      response.flushHeaders();
      socket.write('', done);
    }
  });
}

/** `lengthBytes`: of a body that is sent as one; null for one that goes out in chunks. */
export function writeHead(
  stream: ResponseStream,
  answer: Answer,
  behaviour: Partial<Behaviour>,
  lengthBytes: number | null,
): void {
  const { response } = stream;
  const headers: Record<string, string | number> = { ...answer.headers };
  if (behaviour.status !== undefined && behaviour.retryAfterS !== undefined) {
    headers['retry-after'] = behaviour.retryAfterS;
  }
  if (behaviour.closeDelimited) {
    response.useChunkedEncodingByDefault = false;
    headers.connection = 'close';
  } else if (lengthBytes !== null) headers['content-length'] = lengthBytes;
  response.writeHead(answer.status, headers);
  stream.onFirstByte();
}
