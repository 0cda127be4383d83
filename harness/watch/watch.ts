/**
 * Watches a running server from outside, and looks inside only when something is wrong: takes a diagnosis then,
 * keeps it in a report folder, tells of it, and goes on.
 */
import { monotonicMs } from '../platform/clock.ts';
import { isStill, type ProcessIdentity } from '../platform/procfs/identity.ts';
import { pause } from '../platform/wait.ts';
import { pidsBelow } from '../target/process-tree.ts';
import type { Rule } from './alarms/alarm.ts';
import { episodesOf } from './alarms/episodes.ts';
import { healthRule } from './alarms/health.ts';
import { onlyGrowsRule } from './alarms/only-grows.ts';
import { standsStillRule } from './alarms/stands-still.ts';
import { findProcess, processOf, type Wanted } from './find-process.ts';
import { growthSince } from './incident/growth.ts';
import { type Responding, respond, respondToEnd } from './incident/respond.ts';
import { ownCpuMs } from './own-cost.ts';
import { healthAsker } from './samples/health.ts';
import { readConnections, readCounts } from './samples/read-processes.ts';
import type { Connections, Sample } from './samples/sample.ts';
import type { WatchEvent, WatchSettings } from './settings.ts';
import { type WatchClock, watchClock } from './watch-clock.ts';

export interface WatchResult {
  incidents: number;
  /** Share of one core that the watch took, its diagnoses left out. */
  cpuShare: number;
}

export const SAMPLE_EVERY_MS = 1000;
/** Counts and connections. That reads all connections of the machine: where it takes long, it is done less often. */
const LOOK_EVERY_MS = 5000;
const LOOK_SHARE = 0.004;
/** A process that has ended is looked for again this often. */
const LOOK_FOR_EVERY_MS = 2000;
/** Five minutes. */
const SAMPLES_KEPT = 300;

/**
 * Resolves when `forMs` is over, the signal aborts, or a process that was named by its number has ended.
 * @throws HanglabError `no-such-process`, `nobody-listens`: of the beginning only.
 */
export async function watch(
  settings: WatchSettings,
  on: (event: WatchEvent) => void,
  signal: AbortSignal,
): Promise<WatchResult> {
  const time = settings.forMs === null ? null : AbortSignal.timeout(settings.forMs);
  const stop = time ? AbortSignal.any([signal, time]) : signal;
  const result = { incidents: 0, cpuShare: 0 };
  const cost = { cpuMs: 0, ms: 0 };
  const shared = {
    ...{ settings, on, stop, result, cost },
    clock: watchClock(SAMPLE_EVERY_MS),
    notices: new Set<Promise<void>>(),
    lastEndedMs: { at: Number.NEGATIVE_INFINITY },
  };
  const episodes = episodesOf(settings.apartMs);
  let found: ProcessIdentity | null = processOf(settings.wanted);
  while (found !== null && !stop.aborted) {
    on({ kind: 'begun', pid: found.pid });
    await watchProcess({ ...shared, identity: found, episodes });
    if (stop.aborted || 'pid' in settings.wanted) break;
    found = await next(settings.wanted, stop);
  }
  await Promise.all(shared.notices);
  result.cpuShare = cost.ms === 0 ? 0 : cost.cpuMs / cost.ms;
  return result;
}

async function next(wanted: Wanted, stop: AbortSignal): Promise<ProcessIdentity | null> {
  while (!stop.aborted) {
    const found = findProcess(wanted);
    if (found) return found;
    await pause(LOOK_FOR_EVERY_MS, stop);
  }
  return null;
}

interface Watching extends Responding {
  cost: { cpuMs: number; ms: number };
  clock: WatchClock;
}

/** Until it ends, or `stop`. */
async function watchProcess(watching: Watching): Promise<void> {
  const { settings, on, identity, episodes, stop, cost, clock } = watching;
  const { pid } = identity;
  const rules: Rule[] = [
    healthRule(settings.healthLimitMs),
    standsStillRule({
      acceptMs: settings.acceptLimitMs,
      unreadMs: settings.unreadLimitMs,
      requestMs: settings.requestLimitMs,
    }),
    onlyGrowsRule(settings.windowMs),
  ];
  const growth = growthSince(pidsBelow(pid));
  const recent: Sample[] = [];
  using health = settings.healthUrl === null ? null : healthAsker(settings.healthUrl, clock.nowMs);
  let lookDueMs = 0;
  let counts = readCounts(pidsBelow(pid));
  while (!stop.aborted) {
    const startMs = monotonicMs();
    const startCpuMs = ownCpuMs();
    const atMs = clock.tick();
    if (!isStill(identity)) {
      respondToEnd(watching, recent);
      return;
    }
    let connections: Connections | null = null;
    if (startMs >= lookDueMs) {
      const pids = pidsBelow(pid);
      counts = readCounts(pids);
      connections = await readConnections(pids, settings.requestLimitMs !== null, stop);
      const restMs = (ownCpuMs() - startCpuMs) / LOOK_SHARE;
      lookDueMs = startMs + Math.max(LOOK_EVERY_MS - SAMPLE_EVERY_MS / 2, restMs);
    }
    const sample: Sample = {
      atMs,
      health: health?.ask(atMs) ?? null,
      counts,
      connections,
    };
    recent.push(sample);
    if (recent.length > SAMPLES_KEPT) recent.shift();
    const { begun, over, due } = episodes.hear(
      rules.flatMap((rule) => rule.hear(sample)),
      monotonicMs(),
    );
    for (const episode of over) {
      on({ kind: 'over', alarm: episode.alarm, lastedMs: monotonicMs() - episode.sinceMs });
    }
    for (const episode of begun) on({ kind: 'alarm', alarm: episode.alarm });
    on({ kind: 'sample', sample, alarms: episodes.current().map(({ alarm }) => alarm) });
    if (due.length > 0 && !stop.aborted) {
      await respond(watching, due, recent, growth);
      clock.skip();
      episodes.reported(due, monotonicMs());
      continue;
    }
    await pause(Math.max(0, SAMPLE_EVERY_MS - (monotonicMs() - startMs)), stop);
    cost.cpuMs += ownCpuMs() - startCpuMs;
    cost.ms += monotonicMs() - startMs;
  }
}
