/**
 * Has accepted work been done? Asked of the target straight, not through a link. The source may be a function
 * of the user's config, so it runs on the main thread, where that was loaded.
 */
import type { Progress } from '../history/events.ts';
import { monotonicMs } from '../platform/clock.ts';
import type { ProgressSource, ProgressSubject } from '../target/progress/source.ts';
import type { ProbeReport } from './probe.ts';

export interface ProgressProbe extends Disposable {
  /** Asks once more, now; resolves when the answer has been reported. */
  sampleNow(): Promise<void>;
}

const EVERY_MS = 250;

export function startProgressProbe(
  source: ProgressSource,
  target: () => ProgressSubject,
  timeoutMs: number,
  onReport: (report: ProbeReport) => void,
): ProgressProbe {
  let isOver = false;
  const sample = async (): Promise<void> => {
    const startMs = monotonicMs();
    const progress = await read(source, target(), timeoutMs);
    if (isOver) return;
    const latencyMs = Math.round(monotonicMs() - startMs);
    onReport({ atMs: monotonicMs(), body: { kind: 'progress', progress, latencyMs } });
  };
  let timer: NodeJS.Timeout | null = null;
  const loop = async (): Promise<void> => {
    const startMs = monotonicMs();
    await sample();
    if (isOver) return;
    timer = setTimeout(loop, Math.max(0, EVERY_MS - (monotonicMs() - startMs)));
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
async function read(
  source: ProgressSource,
  target: ProgressSubject,
  timeoutMs: number,
): Promise<Progress | null> {
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
