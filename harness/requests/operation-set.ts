/** The operations of a target, as loads choose among them. */
import type { EventKind, EventOf, OperationKind } from '../history/events.ts';
import type { Recorder } from '../history/recorder.ts';
import { HanglabError } from '../platform/errors.ts';
import type { Operation } from '../target/operations/operation.ts';

export interface OperationSet {
  all(kind: OperationKind): readonly Operation[];
  named(name: string): Operation | undefined;
  /** The operations of a kind in turn. @throws HanglabError `no-operation`. */
  nextOf(kind: OperationKind, options?: { sized?: boolean; followed?: boolean }): Operation;
  /** Runs `send` and notes which upstreams are called meanwhile: by this operation, when nothing else goes on. */
  watch(operation: Operation, send: () => Promise<unknown>): Promise<void>;
  /** All that loads may send by themselves: reads, streams and writes. */
  sendable(kinds?: readonly OperationKind[]): readonly Operation[];
  /** Of these, those that were watched and called one of the upstreams with a fault. */
  callers(): readonly Operation[];
  /** Reads that were watched and called none of the upstreams with a fault. */
  bystanders(): readonly Operation[];
  /** Upstreams that an operation was seen to call; null when it was not watched. */
  uses(operation: Operation): ReadonlySet<string> | null;
}

const SENDABLE = ['read', 'stream', 'write'] as const;

export interface OperationSetOptions {
  operations: Readonly<Record<string, Operation>>;
  /** The upstreams that the scenario's faults are injected into. */
  faulted: ReadonlySet<string>;
  recorder: Recorder;
  /** Resolves when everything that the upstreams have seen so far is in the history. */
  upstreamsTold(): Promise<unknown>;
}

export function operationSet(options: OperationSetOptions): OperationSet {
  const { operations, faulted, recorder, upstreamsTold } = options;
  const turns = new Map<string, number>();
  const used = new Map<string, Set<string>>();
  const called = new Set<string>();
  recorder.onEvent((event) => {
    const upstream = upstreamIn(event);
    if (upstream !== null) called.add(upstream);
  });
  const all = (kind: OperationKind): Operation[] =>
    Object.values(operations).filter((operation) => operation.kind === kind);
  // In the order in which they are tried: what needs an id comes after the writes that give one.
  const sendable = (kinds: readonly OperationKind[] = SENDABLE): Operation[] =>
    SENDABLE.filter((kind) => kinds.includes(kind))
      .flatMap(all)
      .toSorted((a, b) => Number(a.needsId) - Number(b.needsId));
  return {
    all,
    sendable,
    callers: () =>
      sendable().filter(({ name }) => !(used.get(name)?.isDisjointFrom(faulted) ?? true)),
    named: (name) => operations[name],
    nextOf(kind, { sized = false, followed = false } = {}) {
      const candidates = all(kind).filter(
        ({ isSized, promises }) => (isSized || !sized) && (promises?.done || !followed),
      );
      const key = `${kind} ${sized} ${followed}`;
      const turn = turns.get(key) ?? 0;
      turns.set(key, turn + 1);
      const operation = candidates[turn % Math.max(1, candidates.length)];
      if (operation) return operation;
      throw new HanglabError('no-operation', `the target has no operation of the kind "${kind}"`);
    },
    async watch(operation, send) {
      await upstreamsTold();
      called.clear();
      await send();
      await upstreamsTold();
      const seen = used.get(operation.name) ?? new Set();
      used.set(operation.name, seen.union(called));
    },
    bystanders: () =>
      all('read').filter(({ name }) => used.get(name)?.isDisjointFrom(faulted) ?? false),
    uses: ({ name }) => used.get(name) ?? null,
  };
}

function upstreamIn(event: EventOf<EventKind>): string | null {
  if (event.kind === 'model-start') return event.upstream;
  if (event.kind !== 'link') return null;
  const { link, bytes, openConnections } = event;
  // Where nobody counts bytes, an open connection may have been used.
  return (bytes ?? openConnections) > 0 ? link : null;
}
