/** Who waits for whom among functions that are stuck: which can still go on, and which wait in a cycle. Pure. */

export interface Wait {
  /** The function that waits. */
  id: number;
  /** Functions that could end the wait; all of them are needed when `all`. */
  on: readonly number[];
  all: boolean;
  /** Something else could end it too: a timer, a socket, an event. */
  externallyResolvable: boolean;
}

/**
 * The functions that can never go on: those that wait only for one another, or for nobody.
 * One that does not appear in `waits` is taken to be running.
 */
export function stuckForever(waits: readonly Wait[]): Set<number> {
  const lost = new Set(waits.map(({ id }) => id));
  for (let changed = true; changed; ) {
    changed = false;
    for (const { id, on, all, externallyResolvable } of waits) {
      if (!lost.has(id)) continue;
      const free = (other: number) => !lost.has(other);
      const canGoOn =
        externallyResolvable || (on.length > 0 && (all ? on.every(free) : on.some(free)));
      if (canGoOn) changed = lost.delete(id) || changed;
    }
  }
  return lost;
}

/** One cycle of functions that wait for each other, in order; `null` when there is none. */
export function findCycle(waits: readonly Wait[], among: ReadonlySet<number>): number[] | null {
  const onOf = new Map(waits.map(({ id, on }) => [id, on.filter((other) => among.has(other))]));
  const done = new Set<number>();
  for (const start of among) {
    const path: number[] = [];
    const stack: { id: number; next: number }[] = [{ id: start, next: 0 }];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      if (top.next === 0) path.push(top.id);
      const to = (onOf.get(top.id) ?? [])[top.next++];
      if (to === undefined) {
        done.add(top.id);
        path.pop();
        stack.pop();
        continue;
      }
      const at = path.indexOf(to);
      if (at >= 0) return path.slice(at);
      if (!done.has(to)) stack.push({ id: to, next: 0 });
    }
  }
  return null;
}
