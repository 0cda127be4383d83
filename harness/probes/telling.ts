/**
 * What a target tells of itself by a source of its config: its progress, its tasks. Asked of the target
 * straight, not through a link. A source may be a function of the user's config, so it runs on the main
 * thread, where that was loaded.
 */
import type { EventBody } from '../history/events.ts';
import { monotonicMs } from '../platform/clock.ts';
import type { ProgressSubject } from '../target/progress/source.ts';
import type { ProbeReport } from './probe.ts';

export interface TellingProbe extends Disposable {
  /** Asks once more, now; resolves when the answer has been reported. */
  sampleNow(): Promise<void>;
}

export interface TellingOptions<T> {
  source: { read(target: ProgressSubject, signal: AbortSignal): Promise<T | null> };
  target(): ProgressSubject;
  everyMs: number;
  timeoutMs: number;
  event(told: T | null, latencyMs: number): EventBody & ProbeReport['body'];
  onReport(report: ProbeReport): void;
}

export function startTellingProbe<T>(options: TellingOptions<T>): TellingProbe {
  const { source, target, everyMs, timeoutMs, event, onReport } = options;
  let isOver = false;
  const sample = async (): Promise<void> => {
    const startMs = monotonicMs();
    const told = await read(source, target(), timeoutMs);
    if (isOver) return;
    const latencyMs = Math.round(monotonicMs() - startMs);
    onReport({ atMs: monotonicMs(), body: event(told, latencyMs) });
  };
  let timer: NodeJS.Timeout | null = null;
  const loop = async (): Promise<void> => {
    const startMs = monotonicMs();
    await sample();
    if (isOver) return;
    timer = setTimeout(loop, Math.max(0, everyMs - (monotonicMs() - startMs)));
  };
  void loop();
  return {
    sampleNow: sample,
    [Symbol.dispose]() {
      isOver = true;
      if (timer) clearTimeout(timer);
    },
  };
}

/** null when the target does not tell within `timeoutMs`: no news is not progress. */
async function read<T>(
  source: TellingOptions<T>['source'],
  target: ProgressSubject,
  timeoutMs: number,
): Promise<T | null> {
  const late = AbortSignal.timeout(timeoutMs);
  const isLate = new Promise<null>((resolve) => {
    late.addEventListener('abort', () => resolve(null), { once: true });
  });
  try {
    // A function of the config may not know the signal.
    return await Promise.race([source.read(target, late), isLate]);
  } catch {
    return null;
  }
}
