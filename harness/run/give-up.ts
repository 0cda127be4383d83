/**
 * How long a server takes to give up on upstreams that have fallen silent. A server whose request limit nobody has
 * told may have a deadline of its own, and what it ends by that is no hang.
 */
import type { Environment } from '../environment/environment.ts';
import { upstream } from '../faults/index.ts';
import { monotonicMs } from '../platform/clock.ts';
import { pause } from '../platform/wait.ts';

/** An operation, as calibration has seen it. */
interface Calibrated {
  name: string;
  goodMs: readonly number[];
  uses: readonly string[];
}

/** What an operation did when all upstreams that it uses were silent. */
export interface GivenUp {
  operation: string;
  /** Until its answer, whatever that was; null when there was none within `PATIENCE_MS`. */
  tookMs: number | null;
}

/** Above the 10 s that many clients have as their timeout. */
export const PATIENCE_MS = 10_500;
const BYTES = 4_000;

/** Sends each operation that uses an upstream once, all together. It leaves upstreams silent that are not awaited. */
export async function giveUps(
  environment: Environment,
  operations: readonly Calibrated[],
  signal: AbortSignal,
): Promise<GivenUp[]> {
  const { declared, inputs, sender } = environment;
  const users = operations.filter(({ name, goodMs, uses }) => {
    const operation = declared.operations[name];
    return goodMs.length > 0 && uses.length > 0 && operation?.deletes === null;
  });
  if (users.length === 0) return [];
  await using faults = new AsyncDisposableStack();
  for (const name of new Set(users.flatMap(({ uses }) => uses))) {
    if (name in declared.upstreams) {
      faults.use(await upstream(name).silent().inject(environment));
    }
  }
  const startMs = monotonicMs();
  const over = pause(PATIENCE_MS, signal).then(() => null);
  return await Promise.all(
    users.map(async ({ name }) => {
      const operation = declared.operations[name];
      if (!operation) return { operation: name, tookMs: null };
      const input = inputs.input(inputs.nextIndex(), { bytes: BYTES });
      const sent = await Promise.race([sender.send(operation, { ...input, id: null }), over]);
      return { operation: name, tookMs: sent === null ? null : monotonicMs() - startMs };
    }),
  );
}
