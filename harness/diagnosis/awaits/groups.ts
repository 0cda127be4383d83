/** Functions that stand still at one place for one reason, taken together, and what kind of reason it is. */

import type { DiagnosisCode } from '../codes.ts';
import type { Holder } from '../diagnosis.ts';
import type { Awaits, Stuck } from './collect.ts';
import { entryOf, holderOf, isLock, isWhollyRead, settlersOf } from './explain.ts';

/** Waits for one reason at one place. */
export interface Group {
  code: DiagnosisCode;
  members: Stuck[];
  count: number;
  requests: Set<number>;
  leaf: Stuck;
  holder: Holder;
}

export function groupsOf(awaits: Awaits): Group[] {
  const groups = new Map<string, Group>();
  for (const leaf of awaits.stuck.values()) {
    if (leaf.source.awaited < 0 || hasStuckChild(awaits, leaf)) continue;
    const code = codeOf(awaits, leaf);
    const outer = entryOf(awaits, leaf);
    const waits = settlersOf(awaits, leaf)[0];
    const key = [
      code,
      outer.frame.file,
      outer.frame.line,
      outer.frame.column,
      waits?.kind,
      waits?.path,
    ].join();
    const requests = requestsOn(awaits, leaf);
    const known = groups.get(key);
    if (known) {
      known.members.push(leaf);
      known.count++;
      for (const request of requests) known.requests.add(request);
    } else {
      const holder = holderOf(awaits, leaf);
      groups.set(key, {
        code,
        members: [leaf],
        count: 1,
        requests: new Set(requests),
        leaf,
        holder,
      });
    }
  }
  return [...groups.values()];
}

function hasStuckChild({ stuck }: Awaits, leaf: Stuck): boolean {
  return leaf.settlers.some(
    ({ kind, node }) => kind === 'function' && node !== leaf.node && stuck.has(node),
  );
}

/** Requests served anywhere on the chain; those of whoever waits for a lock that this one holds too. */
function requestsOn(awaits: Awaits, leaf: Stuck): number[] {
  return awaits.waits
    .chainTo(leaf.node)
    .flatMap((node) => awaits.stuck.get(node)?.requests ?? [])
    .map(({ node }) => node);
}

function codeOf(awaits: Awaits, leaf: Stuck): DiagnosisCode {
  const { waits } = awaits;
  const lost = waits.hopeless.has(leaf.node);
  const servers = waits.waiters.get(leaf.node)?.servers ?? [];
  if (lost && leadsIntoCycle(waits, leaf.node)) return 'deadlock';
  const kinds = new Set(settlersOf(awaits, leaf).map(({ kind }) => kind));
  if (kinds.size === 1 && kinds.has('timer')) return 'waiting-on-timer';
  if (kinds.has('socket')) return 'upstream-stalled';
  const isHeld = servers.some(({ because }) => because !== 'nobody');
  if (lost && servers.length > 0 && !isHeld && isLock(leaf) && isWhollyRead(awaits)) {
    return 'abandoned-lock';
  }
  return 'awaiting-forever';
}

function leadsIntoCycle(waits: Awaits['waits'], start: number): boolean {
  if (!waits.cycle) return false;
  const cycle = new Set(waits.cycle);
  const seen = new Set([start]);
  for (const node of seen) {
    if (cycle.has(node)) return true;
    const waiter = waits.waiters.get(node);
    for (const { kind, node: to } of waiter?.settlers ?? []) {
      if (kind === 'function' || kind === 'frame') seen.add(to);
    }
    for (const { functions } of waiter?.servers ?? []) for (const to of functions) seen.add(to);
  }
  return false;
}

/** What holds it, or what it waits for the result of, had gone on two seconds later. */
export function isBehindMoving(awaits: Awaits, { code, leaf }: Group): boolean {
  const { first, stuck, waits } = awaits;
  const moves = (node: number): boolean => first.stuck.has(node) && !stuck.has(node);
  const holders = (waits.waiters.get(leaf.node)?.servers ?? []).flatMap(({ because, functions }) =>
    because === 'holds' ? functions : [],
  );
  const results = leaf.settlers.flatMap(({ kind, node }) => (kind === 'function' ? node : []));
  return code === 'awaiting-forever' && [...holders, ...results].some(moves);
}

/** Waits for a permit that several others hold and work with. */
export function isBehindPool({ waits }: Awaits, { code, leaf }: Group): boolean {
  const servers = waits.waiters.get(leaf.node)?.servers ?? [];
  const holders = servers.flatMap(({ because, functions }) =>
    because === 'holds' ? functions : [],
  );
  return code === 'awaiting-forever' && holders.length > 1;
}

/** Serves nobody and waits for work in a list: what an idle worker does, unless who gives it stands too. */
export function isResting({ waits, stuck }: Awaits, { code, requests, leaf }: Group): boolean {
  const servers = waits.waiters.get(leaf.node)?.servers ?? [];
  const isIdle =
    servers.length > 0 &&
    servers.every(
      ({ because, functions }) => because !== 'holds' && !functions.some((node) => stuck.has(node)),
    );
  return requests.size === 0 && code === 'awaiting-forever' && isIdle;
}

export function isInCycle({ waits }: Awaits, { members }: Group): boolean {
  return members.some(({ node }) => waits.cycle?.includes(node));
}
