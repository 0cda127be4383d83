/** Waiting for a server that does not report when it listens. */
import { connect } from 'node:net';
import { monotonicMs } from '../platform/clock.ts';

const RETRY_MS = 20;

/** True once something accepts connections there; false after `timeoutMs`, or when `gone` resolves. */
export async function waitUntilUp(
  port: number,
  timeoutMs: number,
  gone: Promise<unknown>,
): Promise<boolean> {
  const until = monotonicMs() + timeoutMs;
  let ended = false;
  gone.then(() => {
    ended = true;
  });
  while (!ended && monotonicMs() < until) {
    if (await accepts(port)) return !ended;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  return false;
}

async function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1');
  socket.on('connect', () => resolve(true));
  socket.on('error', () => resolve(false));
  const accepted = await promise;
  socket.destroy();
  return accepted;
}
