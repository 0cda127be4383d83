/** A few GETs of the health path, each beside one of a server of our own that shows the machine's noise. */
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monotonicMs } from '../../platform/clock.ts';

const ASKED = 3;

export interface HealthSeen {
  asked: number;
  answered: number;
  /** Of the slowest that answered; of one that did not, how long it has been waiting. */
  worstMs: number;
  /** The same of the control server. */
  controlMs: number;
  status: number | null;
}

export interface HealthProbe extends AsyncDisposable {
  /** What has been answered by now. */
  seen(): Promise<HealthSeen>;
}

/** Starts asking at once: three times, evenly over the first half of the window. */
export function probeHealth(url: string, windowMs: number): HealthProbe {
  const giveUp = new AbortController();
  const control = createServer((_request, response) => response.end());
  control.listen(0, '127.0.0.1');
  const ready = once(control, 'listening').then(
    () => `http://127.0.0.1:${(control.address() as AddressInfo).port}/`,
  );
  const probes: { target: Answer; control: Answer }[] = [];
  const timers = Array.from({ length: ASKED }, (_, i) =>
    setTimeout(
      async () => {
        const target = ask(url, giveUp.signal);
        probes.push({ target, control: ask(await ready, giveUp.signal) });
      },
      (i * windowMs) / (2 * ASKED),
    ),
  );
  return {
    async seen() {
      const targets = probes.map(({ target }) => target);
      return {
        asked: targets.length,
        answered: targets.filter(({ status }) => status !== null).length,
        worstMs: Math.max(0, ...targets.map(ageOf)),
        controlMs: Math.max(0, ...probes.map(({ control }) => ageOf(control))),
        status: targets.findLast(({ status }) => status !== null)?.status ?? null,
      };
    },
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearTimeout(timer);
      giveUp.abort();
      await ready;
      control.closeAllConnections();
      await new Promise((resolve) => control.close(resolve));
    },
  };
}

interface Answer {
  sentAt: number;
  endedAt: number | null;
  status: number | null;
}

function ask(url: string, signal: AbortSignal): Answer {
  const answer: Answer = { sentAt: monotonicMs(), endedAt: null, status: null };
  const request = get(url, { agent: false, signal }, (response) => {
    answer.status = response.statusCode ?? null;
    answer.endedAt = monotonicMs();
    response.resume();
  });
  // Refused, reset or given up: it has not answered, which is all that counts here.
  request.on('error', () => undefined);
  return answer;
}

function ageOf({ sentAt, endedAt }: Answer): number {
  return (endedAt ?? monotonicMs()) - sentAt;
}

/** One GET that is under way until it is disposed of, so that a look finds what its handler waits for. */
export function askMeanwhile(url: string): Disposable {
  const giveUp = new AbortController();
  ask(url, giveUp.signal);
  return { [Symbol.dispose]: () => giveUp.abort() };
}
