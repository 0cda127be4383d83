/**
 * One run of a scenario through its phases:
 * warmup -> baseline -> (steady state?) -> fault -> recovery -> quiesce -> audit -> verdict.
 */
import { join } from 'node:path';
import { type Finding, type Verdict, worst } from './checks/check.ts';
import { Course, type CourseOptions } from './course.ts';
import { type Environment, type EnvironmentOptions, startEnvironment } from './environment.ts';
import type { History } from './history.ts';
import { judge } from './judge.ts';
import { startProbes } from './probes/start.ts';
import { openRecorder } from './recorder.ts';

export interface RunOptions extends Omit<EnvironmentOptions, 'recorder'>, CourseOptions {
  name: string;
  /** The hung target is still alive: look at it, or keep it. Only called when the verdict is fail. */
  whileHung?(environment: Environment, findings: Finding[]): Promise<unknown>;
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
  /** What `whileHung` answered: the diagnosis. */
  diagnosis: unknown;
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

  const course = new Course(options, environment, probes);
  const completed = await course.run();
  signal.throwIfAborted();

  const history = recorder.history(true);
  const findings = judge(scenario, history, completed);
  const verdict = worst(findings.map((finding) => finding.verdict));
  const durationMs = Math.round(recorder.elapsedMs());
  options.onFindings?.(findings, history);
  const diagnosis =
    verdict === 'fail' ? ((await options.whileHung?.(environment, findings)) ?? null) : null;
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
    toxiproxy: { provider, version },
    reportFolder,
    history,
  };
}
