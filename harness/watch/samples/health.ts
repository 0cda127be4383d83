/** Asks the health path, one question at a time and each on a connection of its own. */
import http from 'node:http';
import https from 'node:https';
import type { HealthAnswer, HealthSeen } from './sample.ts';

/** A question that is as old is given up, and the next is sent: the server may have come back meanwhile. */
const GIVE_UP_MS = 30_000;
const FIRST_BAD_STATUS = 500;

export interface HealthAsker extends Disposable {
  /** Sends the next question unless one is open, and says what is known. */
  ask(nowMs: number): HealthSeen;
}

/** @param clock in ms, the one of the samples. */
export function healthAsker(url: string, clock: () => number): HealthAsker {
  const { request } = url.startsWith('https:') ? https : http;
  let last: HealthAnswer | null = null;
  let badInRow = 0;
  let wasGood = false;
  let open: { sentMs: number; giveUp(): void } | null = null;

  const send = (sentMs: number): void => {
    let isOver = false;
    const end = (status: number | null, error: string | null): void => {
      if (isOver) return;
      isOver = true;
      open = null;
      last = { latencyMs: clock() - sentMs, status, error };
      const isGood = status !== null && status < FIRST_BAD_STATUS;
      badInRow = isGood ? 0 : badInRow + 1;
      wasGood ||= isGood;
    };
    // A server on this machine often has a certificate that nobody has signed.
    const options = { agent: false as const, rejectUnauthorized: false };
    const outgoing = request(url, options, (response) => {
      response.resume();
      response.once('end', () => end(response.statusCode ?? null, null));
      response.once('error', ({ message }) => end(null, message));
    });
    outgoing.once('error', (error: NodeJS.ErrnoException) =>
      end(null, error.code ?? error.message),
    );
    open = { sentMs, giveUp: () => outgoing.destroy(new Error('no answer')) };
    outgoing.end();
  };
  return {
    ask(nowMs) {
      if (open && nowMs - open.sentMs > GIVE_UP_MS) {
        open.giveUp();
        open = null;
      }
      const openMs = open === null ? 0 : nowMs - open.sentMs;
      if (open === null) send(nowMs);
      return { openMs, last, badInRow, wasGood };
    },
    [Symbol.dispose]() {
      open?.giveUp();
    },
  };
}
