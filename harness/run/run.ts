/**
 * One run of a scenario through its phases:
 * warmup -> baseline -> (steady state?) -> fault -> recovery -> quiesce -> audit -> verdict.
 */
import { join } from 'node:path';
import { type Finding, type Verdict, worst } from '../checks/check.ts';
import type { CheckId } from '../checks/check-ids.ts';
import { RunJudge } from '../checks/judging/judge.ts';
import type { RunSoFar } from '../checks/judging/run-so-far.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { Facts } from '../diagnosis/index.ts';
import type { Environment } from '../environment/environment.ts';
import { type EnvironmentOptions, startEnvironment } from '../environment/start.ts';
import type { Limits, Phase } from '../history/events.ts';
import { openRecorder } from '../history/recorder.ts';
import { startProbes } from '../probes/start.ts';
import { fittedTo } from '../scenario/fitted.ts';
import { servingPid } from '../target/serving-pid.ts';
import { watchForBlockedLoop } from './blocked-loop-watch.ts';
import { failureDiagnosis } from './diagnose-failure.ts';
import { RunHintsFold } from './hints.ts';
import { type PhaseOptions, PhaseRunner } from './phases.ts';

export interface RunOptions
  extends Omit<EnvironmentOptions, 'recorder' | 'faulted' | 'fdLimit'>,
    Omit<PhaseOptions, 'onFindings' | 'judge' | 'whileFailing'> {
  name: string;
  /** The variant of the target that runs: a defect, a version. */
  variant: string | null;
  /** false: do not diagnose a target that failed. */
  diagnose?: boolean;
  /** Called when the target is diagnosed, disposed when that is over. */
  onDiagnose?(): Disposable;
  /** Live view: what has been found so far, and how many requests there are. */
  onFindings?(findings: readonly Finding[], requests: { sent: number; open: number }): void;
  /** The hung target is still alive: keep it for inspection. Only called when the verdict is fail. */
  whileHung?(environment: Environment, diagnosis: Diagnosis | null): Promise<void>;
}

export interface RunResult {
  name: string;
  target: string;
  /** The variant that ran; named `defect` in JSON, as it always was. */
  defect: string | null;
  verdict: Verdict;
  seed: number;
  durationMs: number;
  /** When each check failed first, for those that are judged all the time; ms since the run began. */
  failedAtMs: Readonly<Partial<Record<CheckId, number>>>;
  findings: Finding[];
  /** The named cause, when the verdict is fail and the process could be inspected. */
  diagnosis: Diagnosis | null;
  /** What it was judged by: `hanglab diagnose --facts` judges it again. */
  facts: Facts | null;
  /** What the diagnosis took; not part of `durationMs`. */
  diagnosisMs: number;
  toxiproxy: { provider: string; version: string };
  limits: Limits;
  phases: Partial<Record<Phase, { fromMs: number; toMs: number }>>;
  /** How many requests were sent and acknowledged, and what was still open at the end. */
  requests: { sent: number; acknowledged: number; open: number; oldestMs: number };
  /** Calls at scripted upstreams that were open at the end. */
  upstreamCalls: number;
  /** The target exited unexpectedly. */
  hasDied: boolean;
  reportFolder: string;
  /** The file of its history, complete. */
  historyFile: string;
  /** Why the history on disk is incomplete, null when it is whole. */
  historyError: string | null;
}

/**
 * Runs `scenario` once. Its verdict is in the result; it throws only when there is none.
 * @throws HanglabError when a part of the environment does not come up, or `signal` aborts.
 */
export async function runScenario(options: RunOptions): Promise<RunResult> {
  const { name, variant, seed, reportFolder, signal, target } = options;
  const scenario = fittedTo(options.scenario, target.offers);
  await using recorder = openRecorder(join(reportFolder, 'history.ndjson'));
  const judge = new RunJudge(scenario);
  const hints = new RunHintsFold();
  const phases: { phase: Phase; fromMs: number }[] = [];
  let acknowledged = 0;
  let hasDied = false;
  recorder.onEvent((event) => {
    judge.push(event);
    hints.push(event);
    if (event.kind === 'request-end' && event.acknowledged !== null) acknowledged++;
    if (event.kind === 'target-exit') hasDied ||= !event.expected;
    if (event.kind === 'phase') phases.push({ phase: event.phase, fromMs: event.t });
  });
  const { limits } = target;
  const about = { scenario: name, target: target.name, defect: variant, seed, limits };
  recorder.record({ kind: 'run', ...about }, recorder.startedAtMs);
  const { upstreams } = target;
  const faulted = new Set(scenario.faults.flatMap((fault) => fault.touches({ upstreams })));
  const { fdLimit } = scenario;
  await using environment = await startEnvironment({
    ...options,
    ...{ recorder, faulted },
    ...(fdLimit === undefined ? {} : { fdLimit }),
  });
  const { links, toxiproxy, requests } = environment;
  const watchedPid = (): number => {
    const { processes, port } = environment.target;
    return servingPid(processes, port);
  };
  using watch = watchForBlockedLoop(recorder, watchedPid);
  const failure = failureDiagnosis(environment, hints, watch, signal);
  const diagnose = async (failed: readonly CheckId[]): Promise<void> => {
    if (options.diagnose === false || !failure.isWanted(failed)) return;
    using _shown = options.onDiagnose?.();
    await failure.diagnose(failed);
  };
  await using probes = await startProbes({
    environment,
    peers: Object.fromEntries(Object.entries(links).map(([link, { port }]) => [port, link])),
  });
  const countOf = () => ({ sent: requests.count, open: requests.openCount });
  const run = new PhaseRunner(
    {
      ...options,
      scenario,
      judge,
      onFindings: (findings) => options.onFindings?.(findings, countOf()),
      whileFailing: diagnose,
    },
    environment,
    probes,
  );
  const completed = await run.run();
  signal.throwIfAborted();

  const endedMs = recorder.elapsedMs();
  const open = judge.soFar(endedMs);
  const findings = judge.final(endedMs, completed);
  const verdict = worst(findings.map((finding) => finding.verdict));
  const durationMs = Math.round(endedMs - failure.tookMs);
  options.onFindings?.(findings, countOf());
  if (verdict === 'fail') {
    await diagnose(findings.flatMap(({ check, verdict: v }) => (v === 'fail' ? check : [])));
    if (!signal.aborted) await options.whileHung?.(environment, failure.diagnosis);
  }
  const { provider, version } = toxiproxy;
  return {
    name,
    target: target.name,
    defect: variant,
    verdict,
    seed,
    durationMs,
    failedAtMs: run.judging.failedAtMs,
    findings,
    // Of a failure that did not stand up to the last samples there is nothing to name.
    diagnosis: verdict === 'fail' ? failure.diagnosis : null,
    facts: verdict === 'fail' ? failure.facts : null,
    diagnosisMs: Math.round(failure.tookMs),
    toxiproxy: { provider, version },
    limits,
    phases: Object.fromEntries(
      phases.map(({ phase, fromMs }, i) => [
        phase,
        { fromMs, toMs: phases[i + 1]?.fromMs ?? endedMs },
      ]),
    ),
    requests: { sent: requests.count, acknowledged, ...openAt(open, endedMs) },
    upstreamCalls: open.upstreamCalls.size,
    hasDied,
    reportFolder,
    historyFile: recorder.file,
    historyError: recorder.writeError(),
  };
}

function openAt({ openRequests }: RunSoFar, nowMs: number): { open: number; oldestMs: number } {
  const ages = [...openRequests.values()].map(({ t }) => nowMs - t);
  const oldestMs = ages.reduce((most, ageMs) => Math.max(most, ageMs), 0);
  return { open: openRequests.size, oldestMs };
}
