/** What starts the target's process, and ends it when the run is over: directly, or under a profiler. */

export interface Launcher {
  /**
   * Wraps the command that starts the target.
   * @param nodeOptions what the Node that runs it should be started with, where it is one.
   */
  wrap(
    command: readonly string[],
    nodeOptions: readonly string[],
  ): {
    command: readonly string[];
    environment: Readonly<Record<string, string>>;
    /** Where it runs; the target's own folder without it. */
    cwd?: string;
  };
  /** Before the process group is killed: resolves when nothing would be lost by that any more. */
  beforeStop(target: StoppingTarget): Promise<void>;
}

export interface StoppingTarget {
  /** The server's own process. */
  pid: number;
  /** Resolves when the process that `wrap` named has ended. */
  exited: Promise<unknown>;
}

/** Runs the target as a direct child process. */
export const direct: Launcher = {
  wrap: (command) => ({ command, environment: {} }),
  // The verdict is decided and the data temporary, so it is killed without a grace period.
  beforeStop: async () => {},
};
