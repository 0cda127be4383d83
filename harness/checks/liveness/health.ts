/**
 * `health`: how long `/health` takes, from the instant each probe should have been sent. An SLO: p99 and
 * the worst one, in trusted time; probes in void windows do not count.
 */

import { type EventOf, type History, phaseAt, phasesOf } from '../../history/history.ts';
import { type Duration, formatMs, toMs } from '../../platform/duration.ts';
import { type Check, type Finding, inMs } from '../check.ts';
import { trustedTime } from '../trusted-time.ts';

/** With fewer, a p99 is one probe's luck. */
const MIN_PROBES = 20;

export function health({ p99, max }: { p99: Duration; max?: Duration }): Check {
  const p99LimitMs = toMs(p99);
  const maxLimitMs = max === undefined ? Number.POSITIVE_INFINITY : toMs(max);
  return {
    name: 'health',
    judge(history) {
      const probes = trustedProbes(history);
      const failed = probes.filter((probe) => probe.answered && probe.status !== 200);
      const sorted = probes.toSorted((a, b) => a.latencyMs - b.latencyMs);
      const p99Ms = quantile(sorted, 0.99)?.latencyMs ?? 0;
      const slowest = sorted.at(-1);
      const base = {
        check: 'health' as const,
        phase: slowest ? phaseAt(history, slowest.intendedT) : null,
      };
      const summary = `p99 ${formatMs(p99Ms)}, worst ${formatMs(slowest?.latencyMs ?? 0)} of ${probes.length} probes`;
      const byMax = slowest !== undefined && slowest.latencyMs > maxLimitMs;
      // What is reported is what is further beyond its own limit.
      const useMax = slowest !== undefined && slowest.latencyMs / maxLimitMs > p99Ms / p99LimitMs;
      const measured = inMs(useMax ? slowest.latencyMs : p99Ms);
      const limit = inMs(useMax ? maxLimitMs : p99LimitMs);
      const finding = (verdict: Finding['verdict'], message: string): Finding => ({
        ...base,
        verdict,
        message,
        measured,
        limit,
      });
      const death = deathOf(history);
      if (death) return finding('fail', death);
      if (failed.length > 0) {
        const status = failed[0]?.status;
        const answer = status === null ? 'no answer: the connection broke' : `status ${status}`;
        return finding('fail', `/health failed ${failed.length} times (${answer}); ${summary}`);
      }
      if (byMax) return finding('fail', `/health was too slow: ${summary}`);
      if (probes.length < MIN_PROBES) {
        return finding(
          'inconclusive',
          `only ${probes.length} probes of /health counted (at least ${MIN_PROBES} are needed): the machine itself was late for the rest`,
        );
      }
      if (p99Ms > p99LimitMs) return finding('fail', `/health was too slow: ${summary}`);
      return finding('pass', `/health answered in time: ${summary}`);
    },
  };
}

/** How the target ended without having been asked to, with its last lines; null when it did not. */
export function deathOf(history: History): string | null {
  const exit = history.of('target-exit').find(({ expected }) => !expected);
  if (!exit) return null;
  const how = exit.signal ? `signal ${exit.signal}` : `exit code ${exit.code}`;
  const lines = exit.lines.length > 0 ? `; its last lines:\n${exit.lines.join('\n')}` : '';
  return `the target ended by itself in mid-run (${how})${lines}`;
}

/** One probe an intended instant (the last report of it that counts), those in void windows left out. */
export function trustedProbes(history: History): EventOf<'health'>[] {
  const trusted = trustedTime(history);
  const isVoid = ({ intendedT, latencyMs }: EventOf<'health'>): boolean =>
    trusted.isVoid(intendedT) || trusted.isVoid(intendedT + Math.min(latencyMs, 1000));
  const byInstant = new Map<number, EventOf<'health'>>();
  for (const probe of history.of('health')) {
    // What had been seen of one before time ceased to count stands: it was that late by then.
    if (!isVoid(probe) || !byInstant.has(probe.intendedT)) byInstant.set(probe.intendedT, probe);
  }
  // Lazy loading is allowed to a server that has just started.
  const fromMs = phasesOf(history).baseline?.fromMs ?? 0;
  return [...byInstant.values()]
    .filter((probe) => probe.intendedT >= fromMs && !isVoid(probe))
    .map((probe) => {
      const latencyMs = trusted.betweenMs(probe.intendedT, probe.intendedT + probe.latencyMs);
      return { ...probe, latencyMs };
    });
}

/** The nearest-rank quantile of what is already sorted. */
export function quantile<T>(sorted: readonly T[], q: number): T | undefined {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
}
