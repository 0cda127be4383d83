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
  /** The same target again: same data, same port. @throws HanglabError when it does not come up. */
  startAgain(): Promise<void>;
  /** Calls `listener` with each process that takes the place. */
  onStarted(listener: (target: RunningTarget) => void): void;
  /** Resolves when the target has ended and nobody here had asked for it. */
  readonly died: Promise<void>;
}

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
      current = await watched(port);
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
