/**
 * A client with a connection of its own, straight to the target, which leaves or reads as it likes: a link
 * would hide a reset, a half-close, and that nobody reads.
 */
import { connect, type Socket } from 'node:net';
import type { RawRequest } from '../../requests/raw-http.ts';
import type { Address } from '../../target/endpoints.ts';

/** By closing, as a process that ends; by a reset; or by saying nothing more and reading nothing. */
export const WAYS_TO_LEAVE = ['fin', 'reset', 'silence'] as const;
export type WayToLeave = (typeof WAYS_TO_LEAVE)[number];

export interface RawClient {
  /** Of its answer's head; null before that has come. */
  readonly status: number | null;
  /** Bytes that came after the head. */
  readonly bodyBytes: number;
  write(bytes: Uint8Array): void;
  /** Resolves when so many bytes of the body have come, or the connection has gone. */
  received(bytes: number): Promise<void>;
  /** Reads no more, or only so much now and then. */
  pause(): void;
  /** Reads at most so many bytes of what has come. Only after `pause`. */
  read(bytes: number): void;
  leave(how: WayToLeave): void;
  /** Resolves when the connection has gone, whoever ended it; with what went wrong, else null. */
  readonly closed: Promise<string | null>;
}

const MOST_HEAD_BYTES = 64 * 1024;

export function rawClient({ host, port }: Address): RawClient {
  const socket: Socket = connect({ host, port });
  const waiting: { bytes: number; resolve: () => void }[] = [];
  let head = Buffer.alloc(0);
  let status: number | null = null;
  let hasHead = false;
  let bodyBytes = 0;
  let isPaused = false;
  let problem: string | null = null;
  const wake = (): void => {
    for (const { bytes, resolve } of waiting) if (bodyBytes >= bytes) resolve();
  };
  const take = (chunk: Buffer): void => {
    if (hasHead) {
      bodyBytes += chunk.length;
      wake();
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) {
      if (head.length > MOST_HEAD_BYTES) socket.destroy();
      return;
    }
    hasHead = true;
    status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head.toString('latin1', 0, 20))?.[1] ?? 0);
    bodyBytes = head.length - end - 4;
    wake();
  };
  socket.on('data', take);
  socket.on('error', (error: NodeJS.ErrnoException) => {
    problem = error.code ?? error.message;
  });
  const closed = new Promise<string | null>((resolve) => {
    socket.on('close', () => {
      resolve(problem);
      for (const each of waiting) each.resolve();
    });
  });
  return {
    get status() {
      return status;
    },
    get bodyBytes() {
      return bodyBytes;
    },
    write: (bytes) => void socket.write(bytes),
    received(bytes) {
      if (bodyBytes >= bytes || socket.destroyed) return Promise.resolve();
      return new Promise((resolve) => waiting.push({ bytes, resolve }));
    },
    pause() {
      isPaused = true;
      socket.off('data', take);
      socket.pause();
    },
    read(bytes) {
      if (!isPaused) return;
      const chunk = socket.read(Math.min(bytes, socket.readableLength)) as Buffer | null;
      if (chunk) take(chunk);
    },
    leave(how) {
      if (how === 'fin') socket.destroy();
      else if (how === 'reset') socket.resetAndDestroy();
      else this.pause();
    },
    closed,
  };
}

/** Opens one and sends the whole request. */
export function sendRaw(address: Address, { head, body }: RawRequest): RawClient {
  const client = rawClient(address);
  client.write(Buffer.concat([head, body]));
  return client;
}
