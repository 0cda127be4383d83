/** What is done about an alarm: a diagnosis where it asks for one, a report, and whoever is to be told is told. */
import { examine, type Facts } from '../../diagnosis/index.ts';
import { monotonicMs } from '../../platform/clock.ts';
import { HanglabError, messageOf } from '../../platform/errors.ts';
import type { ProcessIdentity } from '../../platform/procfs/identity.ts';
import { pidsBelow } from '../../target/process-tree.ts';
import type { Episode, Episodes } from '../alarms/episodes.ts';
import type { Sample } from '../samples/sample.ts';
import type { WatchEvent, WatchSettings } from '../settings.ts';
import type { growthSince } from './growth.ts';
import { type EndedAlarm, type Incident, WATCH_SCHEMA } from './incident.ts';
import { postWebhook, runCommand } from './notify.ts';
import { newReport, writeReport } from './report.ts';

export interface Responding {
  settings: WatchSettings;
  on: (event: WatchEvent) => void;
  identity: ProcessIdentity;
  episodes: Episodes;
  stop: AbortSignal;
  result: { incidents: number };
  /** Commands and webhooks that have not ended: nothing waits for them but the end. */
  notices: Set<Promise<void>>;
  /** A server that ends again and again does not fill the disk. */
  lastEndedMs: { at: number };
}

/** Takes the diagnosis, if the alarms ask for one, writes the report and tells of it. */
export async function respond(
  watching: Responding,
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

/** The same for a process that has ended. */
export function respondToEnd(watching: Responding, recent: readonly Sample[]): void {
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
  { settings, on, identity, stop, result, notices }: Responding,
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
