/** Has accepted work arrived? The counts of the target's own listing, asked for straight, not through a link. */

import type { Progress } from '../history/history.ts';
import { monotonicMs } from '../platform/clock.ts';
import type { Probe } from './probe.ts';

export function progressProbe(listUrl: string, everyMs: number, timeoutMs: number): Probe {
  return {
    name: 'progress',
    everyMs,
    async sample() {
      const startMs = monotonicMs();
      const progress = await readProgress(listUrl, timeoutMs);
      return { kind: 'progress', progress, latencyMs: Math.round(monotonicMs() - startMs) };
    },
  };
}

/** null when the target does not tell within `timeoutMs`: no news is not progress. */
async function readProgress(listUrl: string, timeoutMs: number): Promise<Progress | null> {
  try {
    const response = await fetch(listUrl, { signal: AbortSignal.timeout(timeoutMs) });
    const body = (await response.json()) as Partial<Progress>;
    return body.documents && body.rows ? { documents: body.documents, rows: body.rows } : null;
  } catch {
    return null;
  }
}
