/**
 * Watches a running server from outside, and looks inside only when something is wrong: takes a diagnosis then,
 * keeps it in a report folder, tells of it, and goes on.
 */
import { examine, type Facts } from '../diagnosis/index.ts';
import { monotonicMs } from '../platform/clock.ts';
import { HanglabError, messageOf } from '../platform/errors.ts';
import { isStill, type ProcessIdentity } from '../platform/procfs/identity.ts';
import { pause } from '../platform/wait.ts';
import { pidsBelow } from '../target/process-tree.ts';
import type { Alarm, Rule } from './alarms/alarm.ts';
import { type Episode, episodesOf } from './alarms/episodes.ts';
import { healthRule } from './alarms/health.ts';
import { onlyGrowsRule } from './alarms/only-grows.ts';
import { standsStillRule } from './alarms/stands-still.ts';
import { findProcess, processOf, type Wanted } from './find-process.ts';
import { growthSince } from './incident/growth.ts';
import { type EndedAlarm, type Incident, WATCH_SCHEMA } from './incident/incident.ts';
import { postWebhook, runCommand } from './incident/notify.ts';
import { newReport, type ReportOptions, writeReport } from './incident/report.ts';
import { ownCpuMs } from './own-cost.ts';
import { healthAsker } from './samples/health.ts';
import { readConnections, readCounts } from './samples/read-processes.ts';
import type { Connections, Sample } from './samples/sample.ts';
import { type WatchClock, watchClock } from './watch-clock.ts';

export interface WatchSettings {
  wanted: Wanted;
  healthUrl: string | null;
  healthLimitMs: number;
  /** How old a request may become; null: not judged. */
  requestLimitMs: number | null;
  acceptLimitMs: number;
  unreadLimitMs: number;
  /** Growth is judged over twelve of them. */
  windowMs: number;
  /** Between two diagnoses. */
  apartMs: number;
  /** Ends the watch; null: it goes on until it is interrupted. */
  forMs: number | null;
  report: ReportOptions;
  command: string | null;
  webhook: string | null;
  /** What `diagnose` may do besides. */
  heap: boolean;
  inject: boolean;
}

/** What happens, in order. */
export type WatchEvent =
  | { kind: 'begun'; pid: number }
  | { kind: 'sample'; sample: Sample; alarms: readonly Alarm[] }
  /** An alarm has been raised; a report follows, at once or when its time has come. */
  | { kind: 'alarm'; alarm: Alarm }
  | { kind: 'looking'; pid: number }
  | { kind: 'incident'; incident: Incident }
  | { kind: 'over'; alarm: Alarm; lastedMs: number }
  /** Nobody is there now; a watch of a port waits for the next. */
  | { kind: 'ended'; pid: number }
  | { kind: 'trouble'; text: string };

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

interface Watching {
  settings: WatchSettings;
  on: (event: WatchEvent) => void;
  identity: ProcessIdentity;
  episodes: ReturnType<typeof episodesOf>;
  stop: AbortSignal;
  result: WatchResult;
  cost: { cpuMs: number; ms: number };
  clock: WatchClock;
  /** Commands and webhooks that have not ended: nothing waits for them but the end. */
  notices: Set<Promise<void>>;
  /** A server that ends again and again does not fill the disk. */
  lastEndedMs: { at: number };
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

/** Takes the diagnosis, if the alarms ask for one, writes the report and tells of it. */
async function respond(
  watching: Watching,
  due: readonly Episode[],
  recent: readonly Sample[],
  growth: ReturnType<typeof growthSince>,
): Promise<void> {
  const { settings, on, stop, identity } = watching;
  const { pid } = identity;
  const alarms = due.map(({ alarm }) => alarm);
  let diagnosed: Awaited<ReturnType<typeof examine>> | null = null;
  let why: string | null = null;
  if (alarms.some(({ asksForDiagnosis }) => asksForDiagnosis)) {
    on({ kind: 'looking', pid });
    try {
      diagnosed = await examine({
        pid,
        signal: stop,
        ...('port' in settings.wanted && { port: settings.wanted.port }),
        ...(settings.healthUrl !== null && { healthUrl: settings.healthUrl }),
        ...(settings.requestLimitMs !== null && { requestLimitMs: settings.requestLimitMs }),
        ...(settings.heap && { heap: true }),
        ...(settings.inject && { inject: true }),
      });
    } catch (error) {
      if (stop.aborted) return;
      why = `No diagnosis could be taken: ${messageOf(error)}`;
    }
  } else {
    why = 'The server still answers, so it was not looked into: that would disturb it.';
  }
  const isGrowth = alarms.some(({ kind }) => kind === 'only-grows');
  tell(watching, recent, {
    alarms,
    sentence: diagnosed?.diagnosis.sentence ?? alarms[0]?.sentence ?? '',
    diagnosis: diagnosed?.diagnosis ?? null,
    why,
    grew: isGrowth ? growth(pidsBelow(pid)) : [],
    facts: diagnosed?.facts ?? null,
  });
}

function respondToEnd(watching: Watching, recent: readonly Sample[]): void {
  const { on, identity, episodes, lastEndedMs, settings } = watching;
  // With the process its alarms are over.
  episodes.hear([], monotonicMs());
  const sentence = `process ${identity.pid} has ended`;
  const alarm: EndedAlarm = { kind: 'ended', subject: '', sentence };
  on({ kind: 'ended', pid: identity.pid });
  const isRepeated = monotonicMs() - lastEndedMs.at < settings.apartMs;
  lastEndedMs.at = monotonicMs();
  if (isRepeated) return;
  const why = 'There is no process any more that could be looked into.';
  tell(watching, recent, {
    alarms: [alarm],
    sentence,
    diagnosis: null,
    why,
    grew: [],
    facts: null,
  });
}

type Told = Pick<Incident, 'alarms' | 'sentence' | 'diagnosis' | 'why' | 'grew'> & {
  facts: Facts | null;
};

function tell(
  { settings, on, identity, stop, result, notices }: Watching,
  recent: readonly Sample[],
  { facts, ...told }: Told,
): void {
  const at = new Date();
  try {
    const incident: Incident = {
      schema: WATCH_SCHEMA,
      at: at.toISOString(),
      pid: identity.pid,
      port: 'port' in settings.wanted ? settings.wanted.port : null,
      ...told,
      folder: newReport(settings.report, at),
    };
    writeReport(settings.report, incident, facts, recent);
    result.incidents++;
    on({ kind: 'incident', incident });
    const { command, webhook } = settings;
    for (const sent of [
      command === null ? null : runCommand(command, incident, stop),
      webhook === null ? null : postWebhook(webhook, incident, stop),
    ]) {
      const notice = sent?.then((problem) => {
        if (problem !== null) on({ kind: 'trouble', text: problem });
        notices.delete(notice as Promise<void>);
      });
      if (notice) notices.add(notice);
    }
  } catch (error) {
    if (error instanceof HanglabError) throw error;
    // A full disk must not end the watch.
    result.incidents++;
    on({ kind: 'trouble', text: `the report could not be written: ${messageOf(error)}` });
  }
}
