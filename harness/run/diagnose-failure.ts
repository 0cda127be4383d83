/**
 * The look into a target that has failed: once a run, while what is wrong still goes on. A fault that is
 * healed, or a load that is stopped, takes the hang's reason with it; so the course of the run asks for
 * the look before either. Where nothing was named then, it is asked for once more at the end.
 */
import type { CheckId } from '../checks/check.ts';
import { WINDOW_MS } from '../checks/trusted-time.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import { diagnose } from '../diagnosis/index.ts';
import type { History } from '../history/history.ts';
import { pause } from '../load/load.ts';
import { messageOf } from '../platform/errors.ts';
import { blockedLoopDiagnosis, type Lookout } from './blocked-loop-watch.ts';
import type { Environment } from './environment.ts';
import { hintsOf } from './hints.ts';

export interface Examination {
  /** The reason, once it has been named; before that the last look's answer, or null. */
  readonly diagnosis: Diagnosis | null;
  /** How long looking took, which is no part of the run's duration. */
  readonly tookMs: number;
  /** Looks into the target unless it has been named. Never rejects: what stood in its way is a note. */
  look(failed: readonly CheckId[]): Promise<void>;
}

/** Checks whose finding names its own cause: the state of the process adds nothing. */
const TOLD_BY_ITSELF: ReadonlySet<CheckId> = new Set([
  'nothing-acknowledged-lost',
  'indexed-once',
  'next-request-succeeds',
  'overload-refused',
]);

/** Nothing was found that stands still: a later look may see more. */
const NO_HANG: ReadonlySet<Diagnosis['code']> = new Set([
  'live',
  'slow-but-live',
  'host-starved',
  'waiting',
]);

export function examination(
  environment: Environment,
  lookout: Lookout,
  signal: AbortSignal,
): Examination {
  const { recorder } = environment;
  let diagnosis: Diagnosis | null = null;
  let tookMs = 0;
  return {
    get diagnosis() {
      return diagnosis;
    },
    get tookMs() {
      return tookMs;
    },
    async look(failed) {
      const isNamed = diagnosis !== null && !NO_HANG.has(diagnosis.code);
      // What was promised and is not so cannot be seen in the process any more.
      if (isNamed || failed.every((check) => TOLD_BY_ITSELF.has(check))) return;
      const blocked = () =>
        failed.includes('health')
          ? blockedLoopDiagnosis(recorder.history(), environment.target.pid)
          : null;
      const known = blocked();
      if (known) {
        diagnosis = known;
        return;
      }
      // From the beginning of a window on: what has just convicted the target lies in the one before.
      await pause(WINDOW_MS - (recorder.elapsedMs() % WINDOW_MS) + 1, signal);
      const beganMs = recorder.elapsedMs();
      recorder.record({ kind: 'look', event: 'begun' });
      try {
        // Two at a time would be in each other's way, and its stack may be the reason.
        await lookout.settled();
        diagnosis = blocked() ?? (await lookInto(environment, recorder.history(), failed, signal));
      } catch (error) {
        recorder.record({ kind: 'note', text: `no diagnosis: ${messageOf(error)}` });
      } finally {
        recorder.record({ kind: 'look', event: 'ended' });
        tookMs += recorder.elapsedMs() - beganMs;
      }
    },
  };
}

function lookInto(
  { links, target }: Environment,
  history: History,
  failed: readonly CheckId[],
  signal: AbortSignal,
): Promise<Diagnosis> {
  const ports = Object.fromEntries(Object.entries(links).map(([name, { port }]) => [name, port]));
  return diagnose({
    pid: target.pid,
    port: target.port,
    ...(target.urls.health ? { healthUrl: target.urls.health } : {}),
    displayFrom: process.cwd(),
    signal,
    hints: hintsOf(history, ports, failed),
  });
}
