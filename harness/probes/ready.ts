/** What the target says of its own readiness, and why. */
import { monotonicMs } from '../platform/clock.ts';
import type { Probe } from './probe.ts';

export function readyProbe(readyUrl: string, everyMs: number, timeoutMs: number): Probe {
  return {
    name: 'ready',
    everyMs,
    async sample() {
      const startMs = monotonicMs();
      const { status, reasons } = await readReady(readyUrl, timeoutMs);
      return { kind: 'ready', status, reasons, latencyMs: Math.round(monotonicMs() - startMs) };
    },
  };
}

async function readReady(
  readyUrl: string,
  timeoutMs: number,
): Promise<{ status: number | null; reasons: string[] }> {
  try {
    const response = await fetch(readyUrl, { signal: AbortSignal.timeout(timeoutMs) });
    const body = (await response.json().catch(() => ({}))) as { reasons?: unknown };
    const reasons = Array.isArray(body.reasons) ? body.reasons.map(String) : [];
    return { status: response.status, reasons };
  } catch {
    return { status: null, reasons: [] };
  }
}
