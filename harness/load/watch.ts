/** Finds out, in warmup, which upstreams each operation calls: each of them alone, and once. */
import type { Environment } from '../environment/environment.ts';
import type { OperationKind } from '../history/events.ts';
import { pause, unlessStopped } from '../platform/wait.ts';
import type { Receipt } from '../requests/receipts.ts';
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
  choice: InputChoice = {},
): Promise<RequestResult | null> {
  const input = inputFor(environment, operation, choice);
  if (input === null) return null;
  const { sender } = environment;
  // Only a stream that has no end of its own is left when its load ends.
  return sender.send(operation, input, group, operation.stream?.endless ? leave : undefined);
}

/** Of the newest so many one after another, where a load wants them in turn. */
const NEWEST = 8;

/**
 * The earlier work whose id an operation takes: the newest, or with a `turn` one of the newest few. null when there
 * is none yet.
 */
export function receiptFor(
  { receipts }: Pick<Environment, 'receipts'>,
  { idOf }: Pick<Operation, 'idOf'>,
  turn: number | null,
): Receipt | null {
  const wanted = receipts
    .all()
    .filter(({ deleted, operation }) => !deleted && (idOf === null || operation === idOf));
  const newest = wanted.slice(turn === null ? -1 : -NEWEST);
  return newest[(turn ?? 0) % Math.max(1, newest.length)] ?? null;
}

export interface InputChoice {
  /** How large its document is. */
  bytes?: number;
  /** Its id is that of the newest few works in turn, and not always of the newest. */
  idsInTurn?: boolean;
}

/** A new input, with the id of earlier work where one is needed; null when there is none yet. */
export function inputFor(
  { inputs, receipts }: Pick<Environment, 'inputs' | 'receipts'>,
  { needsId, idOf }: Operation,
  { bytes = SMALL_BYTES, idsInTurn = false }: InputChoice = {},
): Input | null {
  const input = inputs.input(inputs.nextIndex(), { bytes });
  if (!needsId) return input;
  const receipt = receiptFor({ receipts }, { idOf }, idsInTurn ? input.index : null);
  return receipt === null ? null : { ...input, id: receipt.id };
}
