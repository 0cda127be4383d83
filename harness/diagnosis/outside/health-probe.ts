/** A few GETs of the health path, each beside one of a server of our own that shows the machine's noise. */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../platform/clock.ts';
import type { HealthSeen } from '../facts/outside-facts.ts';

const ASKED = 3;
/** An answer that comes within this is not missing yet. */
const LATE_MS = 300;
const MORE_TIME_MS = 2500;
const STEP_MS = 100;

export interface HealthProbe extends AsyncDisposable {
  /**
   * What was answered. While the control server is as late as the target a missing answer says nothing: both are
   * given time, which a target that does not answer costs only where the machine is slow.
   */
  seen(signal?: AbortSignal): Promise<HealthSeen>;
}

/**
 * Starts asking at once: three times, evenly over the first half of the window.
 * @param lateMs when an answer that has not come is missing.
 */
export function probeHealth(url: string, windowMs: number, lateMs = LATE_MS): HealthProbe {
  const giveUp = new AbortController();
  const control = http.createServer((_request, response) => response.end());
  control.listen(0, '127.0.0.1');
  // Without a control server nothing is known of the machine's noise, and nothing is lost.
  const ready = once(control, 'listening').then(
    () => `http://127.0.0.1:${(control.address() as AddressInfo).port}/`,
    () => null,
  );
  const probes: { target: Answer; control: Answer | null }[] = [];
  const timers = Array.from({ length: ASKED }, (_, i) =>
    setTimeout(
      async () => {
        const target = ask(url, giveUp.signal);
        const controlUrl = await ready;
        const control = controlUrl ? ask(controlUrl, giveUp.signal) : null;
        probes.push({ target, control });
      },
      (i * windowMs) / (2 * ASKED),
    ),
  );
  const now = (): HealthSeen => {
    const targets = probes.map(({ target }) => target);
    return {
      asked: targets.length,
      answered: targets.filter(({ status }) => status !== null).length,
      worstMs: Math.max(0, ...targets.map(ageOf)),
      controlMs: Math.max(0, ...probes.map(({ control }) => (control ? ageOf(control) : 0))),
      status: targets.findLast(({ status }) => status !== null)?.status ?? null,
      refused: targets.findLast(({ refused }) => refused !== null)?.refused ?? null,
    };
  };
  return {
    async seen(signal) {
      const deadline = monotonicMs() + MORE_TIME_MS;
      for (;;) {
        const seen = now();
        const { asked, answered, worstMs, controlMs, refused } = seen;
        const isLate = asked > 0 && worstMs > Math.max(lateMs, 3 * controlMs);
        if (answered > 0 || refused || isLate || monotonicMs() > deadline) return seen;
        await sleep(STEP_MS, undefined, { signal });
      }
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
  refused: string | null;
}

function ask(url: string, signal: AbortSignal): Answer {
  const answer: Answer = { sentAt: monotonicMs(), endedAt: null, status: null, refused: null };
  const { get } = url.startsWith('https:') ? https : http;
  // On this machine only, where a certificate is most often the server's own.
  const options = { agent: false, signal, rejectUnauthorized: false };
  const request = get(url, options, (response) => {
    answer.status = response.statusCode ?? null;
    answer.endedAt = monotonicMs();
    response.on('error', () => undefined).resume();
  });
  // Reset or given up: it has not answered, which is all that counts here.
  request.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNREFUSED') answer.refused = error.code;
  });
  return answer;
}

function ageOf({ sentAt, endedAt }: Answer): number {
  return (endedAt ?? monotonicMs()) - sentAt;
}

/** One GET that is under way until it is disposed of, so that a look finds what its handler waits for. */
export function withOpenRequest(url: string): Disposable {
  const giveUp = new AbortController();
  ask(url, giveUp.signal);
  return { [Symbol.dispose]: () => giveUp.abort() };
}
