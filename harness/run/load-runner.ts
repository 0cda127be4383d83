/** Runs the loads of a scenario: each from its first phase to its last. */

import type { Environment } from '../environment/environment.ts';
import type { Phase } from '../history/events.ts';
import type { Load } from '../load/load.ts';
import { messageOf } from '../platform/errors.ts';
import { unlessStopped } from '../platform/wait.ts';

interface Running {
  load: Load;
  stop: AbortController;
  done: Promise<void> | null;
}

export class LoadRunner implements AsyncDisposable {
  private readonly environment: Environment;
  private readonly running: readonly Running[];

  constructor(loads: readonly Load[], environment: Environment) {
    this.environment = environment;
    this.running = loads.map((load) => ({ load, stop: new AbortController(), done: null }));
  }

  /** One small round of each, one after another: what each of them calls can be told apart. */
  async warmup(stop: AbortSignal): Promise<void> {
    const inOrder = this.running.toSorted((a, b) => rank(a.load) - rank(b.load));
    for (const { load } of inOrder) {
      await unlessStopped(this.guarded(load, load.warmup(this.environment, stop)), stop);
    }
  }

  /** Starts what sends in `phase` and does not send yet. */
  start(phase: Phase): void {
    for (const entry of this.running) {
      if (!entry.load.during.includes(phase)) continue;
      entry.done ??= this.guarded(entry.load, entry.load.run(this.environment, entry.stop.signal));
    }
  }

  /** Resolves when all loads that belong to `phase` alone have sent what they had; null when there is none. */
  sent(phase: Phase): Promise<void> | null {
    const own = this.running.filter(
      ({ load }) => load.during.includes(phase) && load.during.length === 1 && !load.endless,
    );
    return own.length === 0 ? null : Promise.all(own.map(({ done }) => done)).then(() => {});
  }

  /** Stops what sends in `phase` for the last time. */
  stopAfter(phase: Phase): void {
    for (const { load, stop } of this.running) if (load.during.at(-1) === phase) stop.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { stop } of this.running) stop.abort();
    await Promise.all(this.running.map(({ done }) => done));
  }

  /** A load that fails is hanglab's own trouble, and ends no run. */
  private async guarded(load: Load, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      const message = messageOf(error);
      this.environment.recorder.record({ kind: 'harness-trouble', part: load.name, message });
    }
  }
}

const rank = ({ watches }: Load): number => (watches ? 0 : 1);
