/**
 * Diagnoses a target that has failed: once a run, while what is wrong still goes on. Healing the fault, or
 * stopping the load, destroys the evidence; so the phases ask for a diagnosis before either. Where nothing
 * was named then, it is asked for once more at the end.
 */
import type { CheckId } from '../checks/check-ids.ts';
import { WINDOW_MS } from '../checks/judging/trusted-time.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import { examine, type Facts, type RunHints } from '../diagnosis/index.ts';
import type { Environment } from '../environment/environment.ts';
import { messageOf } from '../platform/errors.ts';
import { pause } from '../platform/wait.ts';
import { servingPid } from '../target/serving-pid.ts';
import type { BlockedLoopWatch } from './blocked-loop-watch.ts';
import type { RunHintsFold } from './hints.ts';

export interface FailureDiagnosis {
  /** The cause, once it has been named; before that the last answer, or null. */
  readonly diagnosis: Diagnosis | null;
  /** What the last look into the process has seen, to be judged again; null when there was none. */
  readonly facts: Facts | null;
  /** How long diagnosing took, which is no part of the run's duration. */
  readonly tookMs: number;
  /** Diagnoses the target unless its hang has been named. Never rejects: what stood in its way is a note. */
  diagnose(failed: readonly CheckId[]): Promise<void>;
  /** Whether `diagnose` would do anything. */
  isWanted(failed: readonly CheckId[]): boolean;
}

/** Checks whose finding names its own cause: the state of the process adds nothing. */
const NAMED_BY_THE_CHECK: ReadonlySet<CheckId> = new Set([
  'nothing-acknowledged-lost',
  'indexed-once',
  'next-request-succeeds',
  'overload-refused',
]);

/** Nothing was found that hangs: a later diagnosis may see more. */
const NO_HANG: ReadonlySet<Diagnosis['code']> = new Set([
  'live',
  'slow-but-live',
  'host-starved',
  'waiting',
  'undecided',
]);

/** @param hints sees every event of the run from its begin on. */
export function failureDiagnosis(
  environment: Environment,
  hints: RunHintsFold,
  watch: BlockedLoopWatch,
  signal: AbortSignal,
): FailureDiagnosis {
  const { recorder } = environment;
  let diagnosis: Diagnosis | null = null;
  let facts: Facts | null = null;
  let tookMs = 0;
  const isWanted = (failed: readonly CheckId[]): boolean => {
    const isNamed = diagnosis !== null && !NO_HANG.has(diagnosis.code);
    // What was promised and is not so cannot be seen in the process any more.
    return !isNamed && !failed.every((check) => NAMED_BY_THE_CHECK.has(check));
  };
  return {
    get diagnosis() {
      return diagnosis;
    },
    get facts() {
      return facts;
    },
    get tookMs() {
      return tookMs;
    },
    isWanted,
    async diagnose(failed) {
      if (!isWanted(failed)) return;
      const blocked = () => (failed.includes('health') ? watch.diagnosis() : null);
      const known = blocked();
      if (known) {
        diagnosis = known;
        return;
      }
      // From the begin of a window on: what has just failed the target lies in the one before.
      await pause(WINDOW_MS - (recorder.elapsedMs() % WINDOW_MS) + 1, signal);
      const beganMs = recorder.elapsedMs();
      recorder.record({ kind: 'look', event: 'begun' });
      try {
        // Two at a time would be in each other's way, and its stack may be the cause.
        await watch.settled();
        const links = Object.fromEntries(
          Object.entries(environment.links).map(([name, { port }]) => [name, port]),
        );
        const told = hints.at(recorder.elapsedMs(), links, failed);
        const stack = blocked();
        if (stack) diagnosis = stack;
        else ({ diagnosis, facts } = await inspect(environment, told, signal));
      } catch (error) {
        recorder.record({ kind: 'note', text: `no diagnosis: ${messageOf(error)}` });
      } finally {
        recorder.record({ kind: 'look', event: 'ended' });
        tookMs += recorder.elapsedMs() - beganMs;
      }
    },
  };
}

function inspect(
  { declared, target }: Environment,
  hints: RunHints,
  signal: AbortSignal,
): Promise<{ diagnosis: Diagnosis; facts: Facts }> {
  const { host, port, processes, agentFolder } = target;
  const { health } = declared;
  return examine({
    pid: servingPid(processes, port),
    port,
    ...(health ? { healthUrl: `http://${host}:${port}${health.path}` } : {}),
    ...(agentFolder === null ? {} : { agentFolder }),
    displayFrom: process.cwd(),
    signal,
    hints,
  });
}
