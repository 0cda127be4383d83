/**
 * One run of a scenario through its phases:
 * warmup -> baseline -> (steady state?) -> fault -> recovery -> quiesce -> audit -> verdict.
 */
import { join } from 'node:path';
import { type CheckId, type Finding, type Verdict, worst } from '../checks/check.ts';
import { judge } from '../checks/judge.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { History } from '../history/history.ts';
import { openRecorder } from '../history/recorder.ts';
import { startProbes } from '../probes/start.ts';
import { watchForBlockedLoop } from './blocked-loop-watch.ts';
import { examination } from './diagnose-failure.ts';
import { type Environment, type EnvironmentOptions, startEnvironment } from './environment.ts';
import { Course, type CourseOptions } from './phases.ts';

export interface RunOptions extends Omit<EnvironmentOptions, 'recorder'>, CourseOptions {
  name: string;
  /** false: do not look into a target that failed. */
  diagnose?: boolean;
  /** Called when the target is looked into, disposed when that is over. */
  onLook?(): Disposable;
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
  const lookout = watchForBlockedLoop(recorder, () => environment.target.pid);
  const examined = examination(environment, lookout, signal);
  const look = async (failed: readonly CheckId[]): Promise<void> => {
    if (options.diagnose === false) return;
    using _told = options.onLook?.();
    await examined.look(failed);
  };
  recorder.record({ kind: 'run', scenario: name, defect, seed, limits: target.limits });
  await using probes = await startProbes({
    slot: environment.slot,
    recorder,
    companions: [environment.model.pid, ...(toxiproxy.pid ? [toxiproxy.pid] : [])],
    peers: { [links.llm.port]: 'llm', [links.embeddings.port]: 'embeddings' },
  });

  const course = new Course({ ...options, whileFailing: look }, environment, probes);
  const completed = await course.run();
  signal.throwIfAborted();

  const history = recorder.history(true);
  const findings = judge(scenario, history, completed);
  const verdict = worst(findings.map((finding) => finding.verdict));
  const durationMs = Math.round(recorder.elapsedMs() - examined.tookMs);
  options.onFindings?.(findings, history);
  if (verdict === 'fail') {
    await look(findings.flatMap(({ check, verdict: v }) => (v === 'fail' ? check : [])));
    if (!signal.aborted) await options.whileHung?.(environment, examined.diagnosis);
  }
  const { provider, version } = toxiproxy;
  return {
    name,
    defect,
    verdict,
    seed,
    durationMs,
    failedAtMs: course.failedAtMs,
    findings,
    // Of a failure that did not stand up to the last samples there is nothing to name.
    diagnosis: verdict === 'fail' ? examined.diagnosis : null,
    diagnosisMs: Math.round(examined.tookMs),
    toxiproxy: { provider, version },
    reportFolder,
    history,
  };
}
