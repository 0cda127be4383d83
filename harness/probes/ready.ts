/** What the target says of its own readiness, and why. */
import { monotonicMs } from '../platform/clock.ts';
import type { Probe } from './probe.ts';

export interface ReadyEndpoint {
  url: string;
  headers: Record<string, string>;
  good: readonly number[];
}

export function readyProbe(endpoint: ReadyEndpoint, everyMs: number, timeoutMs: number): Probe {
  return {
    name: 'ready',
    everyMs,
    async sample() {
      const startMs = monotonicMs();
      const { status, reasons } = await readReady(endpoint, timeoutMs);
      const latencyMs = Math.round(monotonicMs() - startMs);
      const good = status !== null && endpoint.good.includes(status);
      return { kind: 'ready', status, good, reasons, latencyMs };
    },
  };
}

async function readReady(
  { url, headers }: ReadyEndpoint,
  timeoutMs: number,
): Promise<{ status: number | null; reasons: string[] }> {
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
    const body = (await response.json().catch(() => ({}))) as { reasons?: unknown };
    const reasons = Array.isArray(body.reasons) ? body.reasons.map(String) : [];
    return { status: response.status, reasons };
  } catch {
    return { status: null, reasons: [] };
  }
}
