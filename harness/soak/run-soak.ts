/** One soak: starts the target, takes it through its rounds, and keeps the verdict up to date all the while. */
import { join } from 'node:path';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import { diagnose } from '../diagnosis/index.ts';
import { runtimeOf } from '../diagnosis/runtime.ts';
import { type EnvironmentOptions, startEnvironment } from '../environment/start.ts';
import { monotonicMs } from '../platform/clock.ts';
import { HanglabError } from '../platform/errors.ts';
import { heapComparison } from './evidence/heap-comparison.ts';
import { type SoakFailure, type SoakJson, soakJson, verdictOf } from './report/soak-json.ts';
import { summaryMarkdown } from './report/summary.ts';
import type { Smallest } from './resources/catalogue.ts';
import { limitsOf, type SystemLimits } from './resources/limits.ts';
import type { Plan } from './rounds/plan.ts';
import type { RoundRecord } from './rounds/record.ts';
import { runRounds } from './rounds/run-rounds.ts';
import { TargetEnded, TargetStuck } from './rounds/subject.ts';
import type { SoakStore } from './store.ts';
import { targetSubject } from './target-subject.ts';
import { soakRecorder } from './work/recorder.ts';
import { type NamedScenario, refuseRestarts } from './work/scenario-work.ts';

/** What `soak.json` keeps: all that is needed to go on, and to judge again. */
export interface SoakSettings {
  target: string;
  plan: Plan;
  scenarios: readonly string[];
  seed: number;
  clients: number;
  stillMs: number;
  idleMs: number;
  /** What seems to leak may come back by itself within this time. */
  lateMs: number;
  smallest: Smallest;
  pprof: string | null;
  heapSnapshots: boolean;
  isTimed: boolean;
  /** Of the target; null where it was put together without one. */
  config: { file: string; variant: string | null } | null;
  /** How a person runs it again. */
  command: string;
}

export interface SoakOptions
  extends Pick<
    EnvironmentOptions,
    'target' | 'toxiproxy' | 'documentsFolder' | 'reaper' | 'signal' | 'scale' | 'launcher'
  > {
  scenarios: readonly NamedScenario[];
  store: SoakStore<SoakSettings>;
  /** Live view: a round has ended. */
  onRound?(record: RoundRecord, soak: SoakJson): void;
  onNote?(text: string): void;
}

/**
 * @returns what is known at its end; the same is in `verdict.json` of its folder after each round.
 * @throws HanglabError when the target does not come up, or nothing can be sent to it.
 */
export async function runSoak(options: SoakOptions): Promise<SoakJson> {
  const { store, scenarios, target, signal } = options;
  const kept = store.read<KeptProcess>(PROCESS);
  const settings = withSize(store.settings, kept?.operations ?? null);
  refuseRestarts(scenarios);
  if (scenarios.length === 0) refuseSilence(options);
  const recorder = soakRecorder(join(store.folder, 'history.ndjson'));
  const { upstreams } = target;
  await using environment = await startEnvironment({
    ...options,
    seed: settings.seed,
    reportFolder: store.folder,
    recorder,
    faulted: new Set(
      scenarios.flatMap(({ scenario }) =>
        scenario.faults.flatMap((each) => each.touches({ upstreams })),
      ),
    ),
  });
  const notes: string[] = [];
  const note = (text: string): void => {
    notes.push(text);
    options.onNote?.(text);
  };
  let diagnosis: Diagnosis | null = null;
  await using subject = targetSubject({
    ...settings,
    environment,
    scenarios,
    plan: settings.plan,
    pprofUrl: pprofUrlOf(settings.pprof, environment.target.port),
    onTrouble: note,
    async onStuck() {
      options.onNote?.('requests do not end any more: diagnosing the target');
      diagnosis = await diagnoseQuietly(subject.servingPid(), environment.target.port, signal);
    },
    onSized(operations) {
      options.onNote?.(`a round is ${operations} requests`);
      store.write(PROCESS, JSON.stringify({ ...about, operations } satisfies KeptProcess));
    },
  });
  const pid = subject.servingPid();
  const about = { runtime: runtimeOf(pid), limits: limitsOf(pid) };
  store.write(PROCESS, JSON.stringify({ ...about, operations: settings.plan.operations }));
  const heaps = settings.heapSnapshots ? heapComparison(subject, about.runtime) : null;
  const factsOf = (records: readonly RoundRecord[]) => ({ ...settings, ...about, records });
  const judge = (records: readonly RoundRecord[], failure: SoakFailure | null): SoakJson => {
    const found = heaps?.found();
    return soakJson({
      ...factsOf(records),
      ...{ parts: store.parts, failure, notes: [...keptNotes(scenarios, options), ...notes] },
      ...(found ? { found } : {}),
    });
  };
  const publish = (soak: SoakJson): SoakJson => {
    store.write('verdict.json', `${JSON.stringify(soak, null, 2)}\n`);
    store.write('summary.md', summaryMarkdown(soak, settings.command));
    return soak;
  };
  const records = [...store.records];
  try {
    await runRounds({
      ...{ subject, plan: settings.plan, before: store.records, signal },
      clock: { nowMs: monotonicMs },
      verdict: (all) => verdictOf(factsOf(all)),
      lateMs: settings.lateMs,
      async onRound(record, parts) {
        records.push(record);
        store.add(record, parts);
        await heaps?.after(record);
        options.onRound?.(record, publish(judge(records, null)));
      },
    });
    await heaps?.end();
    return publish(judge(records, null));
  } catch (error) {
    const failure = failureOf(error, diagnosis);
    if (failure === null) throw error;
    recorder.writeLast();
    return publish(judge(records, failure));
  }
}

const PROCESS = 'process.json';

/** What is known of the target's process once it runs. */
interface KeptProcess {
  runtime: string;
  limits: SystemLimits;
  /** The size of a round, as soon as it is measured. */
  operations: number | null;
}

function withSize(settings: SoakSettings, operations: number | null): SoakSettings {
  if (operations === null) return settings;
  return { ...settings, plan: { ...settings.plan, operations } };
}

/** The verdict on what has been recorded so far. @throws HanglabError `bad-soak` when that is nothing. */
export function judgeStored(store: SoakStore<SoakSettings>): SoakJson {
  const kept = store.read<KeptProcess>(PROCESS);
  if (kept === null || store.records.length === 0) {
    throw new HanglabError('bad-soak', `${store.folder} has no rounds yet`);
  }
  const { settings, records, parts } = store;
  return soakJson({ ...settings, ...kept, records, parts, failure: null, notes: [] });
}

function failureOf(error: unknown, diagnosis: Diagnosis | null): SoakFailure | null {
  if (error instanceof TargetStuck) {
    return { kind: 'target-stuck', message: error.message, diagnosis };
  }
  if (error instanceof TargetEnded) {
    return { kind: 'target-ended', message: error.message, diagnosis: null };
  }
  return null;
}

async function diagnoseQuietly(
  pid: number,
  port: number,
  signal: AbortSignal,
): Promise<Diagnosis | null> {
  try {
    return await diagnose({ pid, port, signal });
  } catch {
    // The soak's own failure is told in any case.
    return null;
  }
}

/** The path of the profiles on the server itself, or where else they are. */
function pprofUrlOf(given: string | null, port: number): string | null {
  if (given === null) return null;
  return given.startsWith('/') ? `http://127.0.0.1:${port}${given}` : given;
}

function refuseSilence({ target }: SoakOptions): void {
  if (Object.keys(target.operations).length > 0) return;
  throw new HanglabError(
    'no-operation',
    `${target.name} has no operations: name them in its config, or a scenario that needs none`,
  );
}

/** What is written and never deleted is kept by a healthy server too. */
function keptNotes(scenarios: readonly NamedScenario[], { target }: SoakOptions): string[] {
  if (scenarios.length > 0) return [];
  const operations = Object.values(target.operations);
  const kept = operations.filter(
    ({ kind, name }) => kind === 'write' && !operations.some(({ deletes }) => deletes === name),
  );
  if (kept.length === 0) return [];
  const names = kept.map(({ name }) => name).join(', ');
  return [`what ${names} writes is never deleted: growth may be what the target stores on purpose`];
}
