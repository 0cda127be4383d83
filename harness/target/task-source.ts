/** Where a target tells how many tasks run inside it: asyncio tasks, goroutines, open jobs. */
import type { Address } from './endpoints.ts';

export interface TaskSource {
  /** What it is read from, for a person: `GET /debug/tasks`. */
  readonly name: string;
  /** Reads it once, straight from the target; null when the target does not tell. */
  read(target: Address, signal: AbortSignal): Promise<number | null>;
}
