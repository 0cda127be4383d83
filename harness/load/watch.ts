/** Finds out, in warmup, which upstreams each operation calls: each of them alone, and once. */
import type { Environment } from '../environment/environment.ts';
import type { OperationKind } from '../history/events.ts';
import { pause, unlessStopped } from '../platform/wait.ts';
import type { RequestResult } from '../requests/requests.ts';
import type { Input } from '../target/operations/input.ts';
import type { Operation } from '../target/operations/operation.ts';

/** Large enough for what a server does with a text, and small enough to be no load. */
export const SMALL_BYTES = 4_000;
/** Work that nothing tells the end of may call an upstream within this time after its answer. */
const BACKGROUND_MS = 250;

export async function watchOperations(
  environment: Environment,
  kinds: readonly OperationKind[] | undefined,
  group: string,
  stop: AbortSignal,
): Promise<void> {
  const { operations } = environment;
  for (const operation of operations.sendable(kinds)) {
    if (operations.uses(operation) !== null) continue;
    const watched = operations.watch(operation, () => work(environment, operation, group, stop));
    await unlessStopped(watched, stop);
  }
}

/** Sends it, and for a write waits for the work that it leaves behind. */
async function work(
  environment: Environment,
  operation: Operation,
  group: string,
  stop: AbortSignal,
): Promise<void> {
  const { sender, declared } = environment;
  const input = inputFor(environment, operation);
  if (input === null) return;
  const { acknowledged } = await sender.send(operation, input, group);
  if (operation.kind !== 'write') return;
  if (acknowledged === null || acknowledged === undefined || !operation.promises?.done) {
    return pause(BACKGROUND_MS, stop);
  }
  const over = AbortSignal.any([stop, AbortSignal.timeout(2 * declared.limits.requestMs)]);
  await unlessStopped(sender.follow(operation, input, acknowledged, group), over);
}

/** Sends an operation once, with an input of its own; null when it needs an id and there is none yet. */
export async function sendOnce(
  environment: Environment,
  operation: Operation,
  group?: string,
  leave?: AbortSignal,
): Promise<RequestResult | null> {
  const input = inputFor(environment, operation);
  if (input === null) return null;
  const { sender } = environment;
  // Only a stream that has no end of its own is left when its load ends.
  return sender.send(operation, input, group, operation.stream?.endless ? leave : undefined);
}

/** A new input, with the id of the newest work where one is needed; null when there is none yet. */
export function inputFor(
  { inputs, receipts }: Pick<Environment, 'inputs' | 'receipts'>,
  { needsId, idOf }: Operation,
  bytes = SMALL_BYTES,
  marked = false,
): Input | null {
  const input = inputs.input(inputs.nextIndex(), { bytes, marked });
  if (!needsId) return input;
  const receipt = receipts
    .all()
    .findLast(({ deleted, operation }) => !deleted && (idOf === null || operation === idOf));
  return receipt === undefined ? null : { ...input, id: receipt.id };
}
