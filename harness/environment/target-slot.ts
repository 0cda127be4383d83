/** The target's place in an environment: whoever kills it on purpose starts it again over the same data. */
import type { Recorder } from '../history/recorder.ts';
import { HanglabError } from '../platform/errors.ts';
import type { RunningTarget } from '../target/target.ts';

export interface TargetSlot extends AsyncDisposable {
  readonly current: RunningTarget;
  /** SIGKILL to the whole process group, as a crash would end it. @throws HanglabError `not-ours`. */
  kill(): Promise<void>;
  /** Asks it to end by a signal; resolves when it has, whoever waits for that. @throws HanglabError `not-ours`. */
  stop(): Promise<void>;
  /**
   * The same target again: same data, same port. One that does not come up any more has ended unexpectedly:
   * `died` resolves.
   */
  startAgain(): Promise<void>;
  /** Calls `listener` with each process that takes the place. */
  onStarted(listener: (target: RunningTarget) => void): void;
  /** Resolves when the target has ended and nobody here had asked for it. */
  readonly died: Promise<void>;
}

const NEVER_CAME_UP: readonly string[] = ['target-died-at-start', 'target-not-ready'];

/** @param start starts the target on a port; 0 for any free one. */
export async function targetSlot(
  start: (port: number) => Promise<RunningTarget>,
  recorder: Recorder,
): Promise<TargetSlot> {
  const died = Promise.withResolvers<void>();
  const listeners: ((target: RunningTarget) => void)[] = [];
  let wanted = true;
  let current = await watched(0);

  async function watched(port: number): Promise<RunningTarget> {
    const target = await start(port);
    void target.exited.then(({ code, signal }) => {
      const lines = wanted ? target.lastLines().slice(-5) : [];
      recorder.record({ kind: 'target-exit', code, signal, expected: !wanted, lines });
      if (wanted) died.resolve();
    });
    return target;
  }

  /** What its start fails with is the target's own doing, not ours. */
  function neverCameUp(error: unknown): null {
    const isOwn = error instanceof HanglabError && NEVER_CAME_UP.includes(error.code);
    if (!isOwn) throw error;
    const lines = [error.message, ...(error.problems ?? [])];
    recorder.record({ kind: 'target-exit', code: null, signal: null, expected: false, lines });
    died.resolve();
    return null;
  }

  const control = () => {
    if (current.control) return current.control;
    throw new HanglabError('not-ours', 'hanglab did not start this target, so it does not end it');
  };

  return {
    get current() {
      return current;
    },
    async kill() {
      const { kill } = control();
      wanted = false;
      await kill();
    },
    async stop() {
      const { stop } = control();
      wanted = false;
      recorder.record({ kind: 'target-stop', signal: stop() });
      await current.exited;
    },
    async startAgain() {
      const { port } = current;
      const again = await watched(port).catch(neverCameUp);
      if (again === null) return;
      current = again;
      wanted = true;
      recorder.record({ kind: 'target-start', pid: current.processes.rootPid });
      for (const listener of listeners) listener(current);
    },
    onStarted: (listener) => listeners.push(listener),
    died: died.promise,
    async [Symbol.asyncDispose]() {
      wanted = false;
      await current[Symbol.asyncDispose]();
    },
  };
}
