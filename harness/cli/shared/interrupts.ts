/** Ctrl-C, SIGTERM and SIGHUP end what is going on in good order; a second Ctrl-C ends it at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../platform/clock.ts';
import { EXIT, type ExitCode } from '../../platform/errors.ts';

/** Ctrl-C in a terminal reaches both processes of one command within this time. */
const SAME_KEY_MS = 250;

export interface Interrupts {
  readonly signal: AbortSignal;
  /** The exit code that the interruption asks for, null without one. */
  exitCode(): ExitCode | null;
  /** While `body` runs, the first Ctrl-C only resolves the given promise: for `--hold`. */
  orInterrupt(ms: number | null): Promise<void>;
}

export function listenForInterrupts(): Interrupts {
  const controller = new AbortController();
  let code: ExitCode | null = null;
  let releaseHold: (() => void) | null = null;
  const on = (exitCode: ExitCode) => (): void => {
    const release = releaseHold;
    releaseHold = null;
    release?.();
    // For whoever holds a target to look at it, Ctrl-C is the end of the look and not of the run.
    if (release && exitCode === EXIT.interrupted) return;
    // The reaper ends what this leaves behind.
    if (code !== null) process.exit(exitCode);
    code = exitCode;
    controller.abort(new Error('interrupted'));
  };
  const interrupt = on(EXIT.interrupted);
  let lastMs = Number.NEGATIVE_INFINITY;
  process.on('SIGINT', () => {
    lastMs = monotonicMs();
    interrupt();
  });
  process.on('SIGTERM', on(EXIT.terminated));
  process.on('SIGHUP', on(EXIT.terminated));
  if (process.env.HANGLAB_WRAPPED) {
    // Started by an older Node: should that be killed, nobody waits for us any more.
    process.on('disconnect', on(EXIT.terminated));
    // What it tells of is our own Ctrl-C, unless none comes.
    process.on('message', () => {
      const ownComes = sleep(SAME_KEY_MS, undefined, { ref: false });
      ownComes.then(() => monotonicMs() - lastMs > 2 * SAME_KEY_MS && interrupt());
    });
    process.channel?.unref();
  }
  return {
    signal: controller.signal,
    exitCode: () => code,
    async orInterrupt(ms) {
      const released = Promise.withResolvers<void>();
      releaseHold = released.resolve;
      const timer = ms === null ? null : setTimeout(released.resolve, ms);
      // Something must keep the process alive while a person looks around.
      const alive = setInterval(() => {}, 60_000);
      await released.promise;
      releaseHold = null;
      clearInterval(alive);
      if (timer) clearTimeout(timer);
    },
  };
}
