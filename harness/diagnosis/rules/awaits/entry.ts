/** Whose code, and which functions represent a wait. */
import type { Frame } from '../../diagnosis.ts';
import type { Resolver, SuspendedFunction } from '../../facts/await-facts.ts';
import type { AwaitView } from './await-view.ts';

/** What calls are named that ask for a lock, and what locks are. Names can mislead, so evidence says where they decided. */
const LOCK_CALL =
  /^#?(acquire|lock|enter|take|wait|reserve|checkout|obtain|permit|slot|token|p|down)/i;
const LOCK_NAME = /lock|mutex|sem(a|$)|permit|slot|gate|limit|latch|token|waiters/i;

export function isLock({ callName, resolvers }: SuspendedFunction): boolean {
  return LOCK_CALL.test(callName) || resolvers.some(({ path }) => LOCK_NAME.test(path));
}

/** A function whose place could not be had may be the one that holds what others wait for. */
export function isWhollyRead({ stuck }: AwaitView): boolean {
  return [...stuck.values()].every(({ isRead, frame }) => isRead || frame.origin === 'runtime');
}

/** Where a person would look: the caller of the lock, not the inside of the lock. */
export function entryOf({ stuck, waits }: AwaitView, leaf: SuspendedFunction): SuspendedFunction {
  const objects = new Set(leaf.resolvers.map(({ id }) => id));
  let at = leaf;
  while ((at.receiver !== null && objects.has(at.receiver)) || isForeign(at.frame)) {
    const parent = stuck.get(waits.parentOf(at.id));
    if (!parent) return isForeign(at.frame) ? leaf : at;
    at = parent;
  }
  return at;
}

function isForeign({ origin }: Frame): boolean {
  return origin === 'package' || origin === 'runtime';
}

/**
 * Who could settle what `leaf` waits for, seen from the program: functions of Node and of packages are
 * looked through, down to the timer, socket or event that they wait for themselves.
 */
export function resolversOf(
  view: AwaitView,
  leaf: SuspendedFunction,
  seen = new Set<number>(),
): Resolver[] {
  seen.add(leaf.id);
  return leaf.resolvers
    .flatMap((resolver) => {
      const frame =
        resolver.kind === 'frame' || resolver.kind === 'function'
          ? view.stuck.get(resolver.id)
          : null;
      if (!frame || !isForeign(frame.frame) || frame.isAtYield) return [resolver];
      if (seen.has(frame.id)) return [];
      const further = resolversOf(view, frame, seen);
      return further.length > 0 ? further : [resolver];
    })
    .toSorted((a, b) => Number(b.kind === 'socket') - Number(a.kind === 'socket'));
}

/** Down the results that a function waits for, to the one that waits for something else. */
export function leafOf({ stuck }: AwaitView, from: SuspendedFunction): SuspendedFunction {
  const seen = new Set([from.id]);
  let at = from;
  for (;;) {
    const child = at.resolvers.find(
      ({ kind, id }) => kind === 'function' && stuck.has(id) && !seen.has(id),
    );
    if (!child) return at;
    seen.add(child.id);
    at = stuck.get(child.id) as SuspendedFunction;
  }
}
