/** A bare TCP connection to a target, for requests that no HTTP client would send. */
import { connect, type Socket } from 'node:net';
import { monotonicMs } from '../../harness/platform/clock.ts';

export interface RawAnswer {
  text: string;
  /** From connecting until the server closed the connection. */
  closedAfterMs: number;
}

/** Sends over a new connection, and reads until the server closes it or `enough` returns true. */
export function rawRequest(
  url: string,
  speak: (socket: Socket) => void,
  enough: (text: string) => boolean = () => false,
): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const startedAtMs = monotonicMs();
    let text = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => speak(socket));
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      text += bytes;
      if (enough(text)) socket.destroy();
    });
    socket.once('close', () => resolve({ text, closedAfterMs: monotonicMs() - startedAtMs }));
  });
}
