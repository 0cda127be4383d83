/**
 * One run of a scenario through its phases:
 * warmup -> baseline -> (steady state?) -> fault -> recovery -> quiesce -> audit -> verdict.
 */
import { join } from 'node:path';
import { type CheckId, type Finding, type Verdict, worst } from './checks/check.ts';
import { Course, type CourseOptions } from './course.ts';
import { diagnose } from './diagnosis/index.ts';
import type { Diagnosis } from './diagnosis/types.ts';
import { hintsOf } from './diagnosis-hints.ts';
import { type Environment, type EnvironmentOptions, startEnvironment } from './environment.ts';
import { messageOf } from './errors.ts';
import type { History } from './history.ts';
import { judge } from './judge.ts';
import { blockedLoopDiagnosis, watchForBlockedLoop } from './lookout.ts';
import { startProbes } from './probes/start.ts';
import { openRecorder } from './recorder.ts';
import { toldPathsWithin } from './told-paths.ts';

export interface RunOptions extends Omit<EnvironmentOptions, 'recorder'>, CourseOptions {
  name: string;
  /** false: do not look into a target that failed. */
  diagnose?: boolean;
  /** The hung target is still alive: keep it for a look. Only called when the verdict is fail. */
  whileHung?(environment: Environment, diagnosis: Diagnosis | null): Promise<void>;
}

export interface RunResult {
  name: string;
  defect: string | null;
  verdict: Verdict;
  seed: number;
  durationMs: number;
  /** When each check failed first, for those that are judged all the time; ms since the run began. */
  failedAtMs: Readonly<Record<string, number>>;
  findings: Finding[];
  /** The named reason, when the verdict is fail and the process could be looked at. */
  diagnosis: Diagnosis | null;
  /** What the look took; not part of `durationMs`. */
  diagnosisMs: number;
  toxiproxy: { provider: string; version: string };
  reportFolder: string;
  history: History;
}

/**
 * Runs `scenario` once. Its verdict is in the result; it throws only when there is none.
 * @throws HanglabError when a part of the environment does not come up, or `signal` aborts.
 */
export async function runScenario(options: RunOptions): Promise<RunResult> {
  const { scenario, name, defect, seed, reportFolder, signal } = options;
  await using recorder = openRecorder(join(reportFolder, 'history.ndjson'));
  await using environment = await startEnvironment({
    ...options,
    recorder,
    target: scenario.target,
  });
  const { target, links, toxiproxy } = environment;
  recorder.record({ kind: 'run', scenario: name, defect, seed, limits: target.limits });
  await using probes = await startProbes({
    slot: environment.slot,
    recorder,
    companions: [environment.model.pid, ...(toxiproxy.pid ? [toxiproxy.pid] : [])],
    peers: { [links.llm.port]: 'llm', [links.embeddings.port]: 'embeddings' },
  });

  watchForBlockedLoop(recorder, () => environment.target.pid);
  const course = new Course(options, environment, probes);
  const completed = await course.run();
  signal.throwIfAborted();

  const history = recorder.history(true);
  const findings = judge(scenario, history, completed);
  const verdict = worst(findings.map((finding) => finding.verdict));
  const durationMs = Math.round(recorder.elapsedMs());
  options.onFindings?.(findings, history);
  let diagnosis: Diagnosis | null = null;
  if (verdict === 'fail') {
    const failed = findings.flatMap(({ check, verdict: v }) => (v === 'fail' ? check : []));
    if (options.diagnose !== false) {
      diagnosis = toldPathsWithin(await lookWhileAlive(environment, history, failed, signal));
    }
    if (!signal.aborted) await options.whileHung?.(environment, diagnosis);
  }
  const diagnosisMs = Math.round(recorder.elapsedMs()) - durationMs;
  const { provider, version } = toxiproxy;
  return {
    name,
    defect,
    verdict,
    seed,
    durationMs,
    failedAtMs: course.failedAtMs,
    findings,
    diagnosis,
    diagnosisMs,
    toxiproxy: { provider, version },
    reportFolder,
    history,
  };
}

/** Checks whose finding names its own cause: the state of the process adds nothing. */
const TOLD_BY_ITSELF: ReadonlySet<CheckId> = new Set([
  'nothing-acknowledged-lost',
  'indexed-once',
  'next-request-succeeds',
  'overload-refused',
]);

/** A diagnosis that cannot be had costs no verdict: what stood in its way goes into the history. */
async function lookWhileAlive(
  { links, recorder, target }: Environment,
  history: History,
  failed: readonly CheckId[],
  signal: AbortSignal,
): Promise<Diagnosis | null> {
  // What was promised and is not so cannot be seen in the process any more.
  if (failed.every((check) => TOLD_BY_ITSELF.has(check))) return null;
  const blocked = failed.includes('health') ? blockedLoopDiagnosis(history, target.pid) : null;
  if (blocked) return blocked;
  const ports = Object.fromEntries(Object.entries(links).map(([name, { port }]) => [name, port]));
  try {
    return await diagnose({
      pid: target.pid,
      port: target.port,
      ...(target.urls.health ? { healthUrl: target.urls.health } : {}),
      signal,
      hints: hintsOf(history, ports, failed),
    });
  } catch (error) {
    recorder.record({ kind: 'note', text: `no diagnosis: ${messageOf(error)}` });
    return null;
  }
}
