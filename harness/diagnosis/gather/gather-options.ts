/** What is looked at, and how closely. */
import type { RunHints } from '../run-hints.ts';

export interface GatherOptions {
  pid: number;
  healthUrl?: string | undefined;
  port?: number | undefined;
  heap?: boolean | undefined;
  inject?: boolean | undefined;
  agentFolder?: string | undefined;
  requestLimitMs?: number | undefined;
  windowMs?: number | undefined;
  betweenLooksMs?: number | undefined;
  hints?: RunHints | undefined;
  signal?: AbortSignal | undefined;
  onStep?: ((step: string) => void) | undefined;
}
