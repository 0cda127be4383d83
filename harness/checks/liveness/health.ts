/**
 * `health`: how long the health endpoint takes, from the instant each probe should have been sent. An SLO:
 * p99 and the worst one, in trusted time; probes in time that does not count are left out. One probe that
 * stays unanswered for as long as a request may take is no slowness: the endpoint hangs.
 */

import { z } from 'zod';
import type { EventOf, Limits } from '../../history/events.ts';
import { type Duration, formatMs, toMs } from '../../platform/duration.ts';
import { checkOptions, duration } from '../../platform/options.ts';
import { plural } from '../../platform/plural.ts';
import { type Check, check, type FindingOf, inMs } from '../check.ts';
import { LatencyHistogram } from '../judging/latency-histogram.ts';
import type { RunSoFar } from '../judging/run-so-far.ts';
import { requestLimitMs } from './every-request-ends.ts';

/** With fewer, a p99 is one probe's luck; then only the slowest one is judged, by `max`. */
const P99_PROBES = 20;
/** With fewer, nothing is: at 2 Hz they take two and a half seconds. */
const LEAST_PROBES = 5;
/** Of a probe that waits longer than this, the end says nothing new about the time around it. */
const JUDGED_AFTER_MS = 1000;

export interface HealthOptions {
  /** The target's own limit of health when not given, else 250 ms. */
  p99?: Duration;
  /** Four times that of p99 when neither is given; else none. */
  max?: Duration;
}

/** What a probe waits for at most before an orchestrator's usual limit of a second is near. */
const DEFAULT_P99_MS = 250;
/** A single answer may be late for once. */
const MAX_TIMES = 4;

interface HealthLimits {
  p99Ms: number;
  /** null: only p99 is judged. */
  maxMs: number | null;
}

function limitsFrom({ p99, max }: HealthOptions, { healthMs }: Limits): HealthLimits {
  const p99Ms = p99 === undefined ? (healthMs ?? DEFAULT_P99_MS) : toMs(p99);
  if (max !== undefined) return { p99Ms, maxMs: toMs(max) };
  return { p99Ms, maxMs: p99 === undefined ? MAX_TIMES * p99Ms : null };
}

interface Probe {
  intendedT: number;
  latencyMs: number;
}

interface State {
  latencies: LatencyHistogram;
  slowest: Probe | null;
  /** The first answer that was not a good one, and how many there were. */
  refused: { status: number | null; count: number } | null;
  /** Reported, and not answered yet: the last report in time that counts. */
  open: Map<number, Probe>;
}

const SHAPE = z.strictObject({ p99: duration.optional(), max: duration.optional() });

export function health(options: HealthOptions = {}): Check {
  checkOptions('health', SHAPE, options);
  return check<State>({
    name: 'health',
    needs: ['health'],
    start: () => ({
      latencies: new LatencyHistogram(),
      slowest: null,
      refused: null,
      open: new Map(),
    }),
    on: {
      health(state, event, run) {
        // Lazy loading is allowed to a server that has just started.
        if (event.intendedT < (run.phases.baseline?.fromMs ?? Number.POSITIVE_INFINITY)) return;
        const probe = counted(event, run);
        // What had been seen of one before time ceased to count stands: it was that late by then.
        if (probe) state.open.set(event.intendedT, probe);
        if (!event.answered) return;
        const known = state.open.get(event.intendedT);
        state.open.delete(event.intendedT);
        if (!known) return;
        state.latencies.add(known.latencyMs);
        if (known.latencyMs >= (state.slowest?.latencyMs ?? 0)) state.slowest = known;
        if (probe && !event.good) {
          const { count = 0, status = event.status } = state.refused ?? {};
          state.refused = { status, count: count + 1 };
        }
      },
    },
    finding: (state, run) => judgeHealth(state, run, limitsFrom(options, run.limits)),
  });
}

/** The probe in trusted time; null in time that does not count. */
function counted({ intendedT, latencyMs }: EventOf<'health'>, { trusted }: RunSoFar): Probe | null {
  const judgedT = intendedT + Math.min(latencyMs, JUDGED_AFTER_MS);
  if (trusted.isExcluded(intendedT) || trusted.isExcluded(judgedT)) return null;
  return { intendedT, latencyMs: trusted.betweenMs(intendedT, intendedT + latencyMs) };
}

function judgeHealth(state: State, run: RunSoFar, limits: HealthLimits): FindingOf {
  const p99LimitMs = limits.p99Ms;
  const maxLimitMs = limits.maxMs ?? Number.POSITIVE_INFINITY;
  const latencies = state.latencies.copy();
  let { slowest } = state;
  for (const probe of state.open.values()) {
    latencies.add(probe.latencyMs);
    if (probe.latencyMs >= (slowest?.latencyMs ?? 0)) slowest = probe;
  }
  const p99Ms = latencies.quantile(0.99);
  const slowestMs = slowest?.latencyMs ?? 0;
  const summary = `p99 ${formatMs(p99Ms)}, slowest ${formatMs(slowestMs)} of ${plural(latencies.size, 'probe')}`;
  // What is reported is what is further beyond its own limit.
  const useMax = slowestMs / maxLimitMs > p99Ms / p99LimitMs;
  const base = {
    phase: slowest ? run.phaseAt(slowest.intendedT) : null,
    measured: inMs(useMax ? slowestMs : p99Ms),
    limit: inMs(useMax ? maxLimitMs : p99LimitMs),
  };
  const hungMs = hungFor(state, run.limits);
  if (hungMs !== null) {
    const message = `the health endpoint has not answered for ${formatMs(hungMs)}; ${summary}`;
    return { ...base, verdict: 'fail', message };
  }
  if (state.refused) {
    const { status, count } = state.refused;
    const answer = status === null ? 'no answer: the connection broke' : `status ${status}`;
    const message = `the health endpoint failed ${plural(count, 'time')} (${answer}); ${summary}`;
    return { ...base, verdict: 'fail', message, isSlo: true };
  }
  if (slowestMs > maxLimitMs) {
    return { ...base, verdict: 'fail', message: `too slow: ${summary}`, isSlo: true };
  }
  if (latencies.size < LEAST_PROBES) {
    const message = `only ${plural(latencies.size, 'probe')} counted, and at least ${LEAST_PROBES} are needed: the run was too short, or the machine was late for the rest`;
    return { ...base, verdict: 'inconclusive', message };
  }
  if (latencies.size < P99_PROBES && p99Ms > p99LimitMs) {
    if (limits.maxMs !== null) {
      return {
        ...base,
        verdict: 'pass',
        message: `answered in time: ${summary}, too few for a p99`,
      };
    }
    const message = `${summary}: at least ${P99_PROBES} are needed for a p99`;
    return { ...base, verdict: 'inconclusive', message };
  }
  if (p99Ms > p99LimitMs) {
    return { ...base, verdict: 'fail', message: `too slow: ${summary}`, isSlo: true };
  }
  return { ...base, verdict: 'pass', message: `answered in time: ${summary}` };
}

/** For how long the oldest open probe has waited, when that is longer than a request may take. */
function hungFor({ open }: State, limits: Limits): number | null {
  const oldestMs = [...open.values()].reduce((most, { latencyMs }) => Math.max(most, latencyMs), 0);
  return oldestMs > requestLimitMs(limits) ? oldestMs : null;
}
