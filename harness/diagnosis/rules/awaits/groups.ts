/** Functions that are stuck at one place for one reason, taken together, and what kind of reason it is. */

import type { DiagnosisCode } from '../../codes.ts';
import type { Holder } from '../../diagnosis.ts';
import type { SuspendedFunction } from '../../facts/await-facts.ts';
import type { AwaitView } from './await-view.ts';
import { entryOf, isLock, isWhollyRead, resolversOf } from './entry.ts';
import { holderOf } from './explain.ts';

/** Waits for one reason at one place. */
export interface Group {
  code: DiagnosisCode;
  members: SuspendedFunction[];
  count: number;
  requests: Set<number>;
  leaf: SuspendedFunction;
  holder: Holder;
}

export function groupsOf(view: AwaitView): Group[] {
  const groups = new Map<string, Group>();
  for (const leaf of view.stuck.values()) {
    if (leaf.isAtYield || hasStuckChild(view, leaf)) continue;
    const code = codeOf(view, leaf);
    const outer = entryOf(view, leaf);
    const waits = resolversOf(view, leaf)[0];
    const key = [
      code,
      outer.frame.file,
      outer.frame.line,
      outer.frame.column,
      waits?.kind,
      waits?.path,
    ].join();
    const requests = requestsOn(view, leaf);
    const known = groups.get(key);
    if (known) {
      known.members.push(leaf);
      known.count++;
      for (const request of requests) known.requests.add(request);
    } else {
      const holder = holderOf(view, leaf);
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

function hasStuckChild({ stuck }: AwaitView, leaf: SuspendedFunction): boolean {
  return leaf.resolvers.some(
    ({ kind, id }) => kind === 'function' && id !== leaf.id && stuck.has(id),
  );
}

/** Requests served anywhere on the chain; those of whoever waits for a lock that this one holds too. */
function requestsOn({ waits, stuck }: AwaitView, leaf: SuspendedFunction): number[] {
  return waits.chainTo(leaf.id).flatMap((id) => stuck.get(id)?.requests ?? []);
}

function codeOf(view: AwaitView, leaf: SuspendedFunction): DiagnosisCode {
  const { waits } = view;
  const lost = waits.stuckForever.has(leaf.id);
  const servers = waits.serversOf(leaf.id);
  if (lost && leadsIntoCycle(view, leaf.id)) return 'deadlock';
  const kinds = new Set(resolversOf(view, leaf).map(({ kind }) => kind));
  if (kinds.size === 1 && kinds.has('timer')) return 'waiting-on-timer';
  if (kinds.has('socket')) return 'upstream-stalled';
  const isHeld = servers.some(({ because }) => because !== 'nobody');
  if (lost && servers.length > 0 && !isHeld && isLock(leaf) && isWhollyRead(view)) {
    return 'abandoned-lock';
  }
  return 'awaiting-forever';
}

function leadsIntoCycle({ waits, stuck }: AwaitView, start: number): boolean {
  if (!waits.cycle) return false;
  const cycle = new Set(waits.cycle);
  const seen = new Set([start]);
  for (const node of seen) {
    if (cycle.has(node)) return true;
    for (const { kind, id } of stuck.get(node)?.resolvers ?? []) {
      if (kind === 'function' || kind === 'frame') seen.add(id);
    }
    for (const { functions } of waits.serversOf(node)) for (const to of functions) seen.add(to);
  }
  return false;
}

/** What holds it, or what it waits for the result of, had gone on at the second look. */
export function isBehindMoving(view: AwaitView, { code, leaf }: Group): boolean {
  const { first, stuck, waits } = view;
  const moves = (node: number): boolean => first.stuck.has(node) && !stuck.has(node);
  const holders = waits
    .serversOf(leaf.id)
    .flatMap(({ because, functions }) => (because === 'holds' ? functions : []));
  const results = leaf.resolvers.flatMap(({ kind, id }) => (kind === 'function' ? id : []));
  return code === 'awaiting-forever' && [...holders, ...results].some(moves);
}

/** Waits for a permit that several others hold and work with. */
export function isBehindPool({ waits }: AwaitView, { code, leaf }: Group): boolean {
  const servers = waits.serversOf(leaf.id);
  const holders = servers.flatMap(({ because, functions }) =>
    because === 'holds' ? functions : [],
  );
  return code === 'awaiting-forever' && holders.length > 1;
}

/** Serves nobody and waits for work in a list: what an idle worker does, unless whoever gives it is stuck too. */
export function isResting({ waits, stuck }: AwaitView, { code, requests, leaf }: Group): boolean {
  const servers = waits.serversOf(leaf.id);
  const isIdle =
    servers.length > 0 &&
    servers.every(
      ({ because, functions }) => because !== 'holds' && !functions.some((node) => stuck.has(node)),
    );
  return requests.size === 0 && code === 'awaiting-forever' && isIdle;
}

export function isInCycle({ waits }: AwaitView, { members }: Group): boolean {
  return members.some(({ id }) => waits.cycle?.includes(id) === true);
}
