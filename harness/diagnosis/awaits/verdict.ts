/** From functions that stand still to a name for the hang: who waits where, for whom, and why. */

import type { DiagnosisCode } from '../codes.ts';
import type { Holder, Where } from '../diagnosis.ts';
import type { Settler } from '../heap/resolvers.ts';
import { named } from '../wording/frame.ts';
import type { Awaits } from './collect.ts';
import { entryOf, settlersOf, waitsFor } from './explain.ts';
import {
  type Group,
  groupsOf,
  isBehindMoving,
  isBehindPool,
  isInCycle,
  isResting,
} from './groups.ts';

export interface AwaitVerdict {
  code: DiagnosisCode;
  sentence: string;
  where: Where[];
  /** The suspended function of each `where`, to ask for its locals. */
  entries: number[];
  holder: Holder | null;
  evidence: string[];
  /** Open requests that stand in these awaits. */
  requests: number;
  /** Nobody is served by it, and it waits for work, as an idle worker does. */
  isResting: boolean;
  /** What it waits for moves, and it does not: a lock whose holder works on, the result of a loop. */
  isBehindMoving: boolean;
  /** The leaf's settlers, for those that look the socket or timer up. */
  settlers: Settler[];
}

/** Which reason explains most, when several stand side by side. */
const WEIGHT: Partial<Record<DiagnosisCode, number>> = {
  deadlock: 5,
  'abandoned-lock': 4,
  'awaiting-forever': 3,
  'upstream-stalled': 2,
  'waiting-on-timer': 1,
};
const BEHIND_POOL = 0.5;
/** A file or a thread that had answered two seconds later was at work. */
const NATIVE_THAT_ANSWERED = 0.25;

/**
 * @param order what names the reason where several stand side by side: `weight`, which explains most;
 * `age`, which keeps requests longest in all, of functions that were only seen once.
 * @param firstOf a path whose requests matter most, if any are open.
 * @param background whether accepted work is known to stand still: then functions that serve no
 * request count too. Without it they are taken to rest, as an idle worker does.
 * @returns null when nothing that anybody waits for stands still.
 */
export function judgeAwaits(
  awaits: Awaits,
  agesMs: ReadonlyMap<number, number>,
  {
    background,
    order = 'weight',
    firstOf,
  }: { background: boolean; order?: 'weight' | 'age'; firstOf?: string | undefined },
): AwaitVerdict | null {
  const asked = new Set(awaits.open.flatMap(({ path, node }) => (path === firstOf ? node : [])));
  const isAsked = ({ requests }: Group): boolean => [...requests].some((node) => asked.has(node));
  const age = ({ requests }: Group): number =>
    order === 'age' ? [...requests].reduce((sum, node) => sum + (agesMs.get(node) ?? 0), 0) : 0;
  const weight = (group: Group) => {
    if (isResting(awaits, group)) return 0;
    // Behind a pool whose permits are all at work, the work's own reason is the reason.
    if (isBehindPool(awaits, group)) return BEHIND_POOL;
    const kinds = settlersOf(awaits, group.leaf).map(({ kind }) => kind);
    const isNative = kinds.length > 0 && kinds.every((kind) => kind === 'native');
    if (order === 'age' && isNative) return NATIVE_THAT_ANSWERED;
    return WEIGHT[group.code] ?? 0;
  };
  const groups = groupsOf(awaits)
    .map((group) => (order === 'age' ? goingOn(group) : group))
    .filter((group) => group.requests.size > 0 || group.code === 'deadlock' || background)
    .sort(
      (a, b) =>
        Number(isAsked(b)) - Number(isAsked(a)) ||
        Number(isBehindPool(awaits, a)) - Number(isBehindPool(awaits, b)) ||
        age(b) - age(a) ||
        weight(b) - weight(a) ||
        Number(isInCycle(awaits, b)) - Number(isInCycle(awaits, a)) ||
        b.requests.size - a.requests.size ||
        b.count - a.count,
    );
  const [main] = groups;
  if (!main) return null;
  const requests = new Set(groups.flatMap((group) => [...group.requests])).size;
  return {
    code: main.code,
    sentence: sentenceOf(awaits, main, requests),
    where: groups.map((group) => whereOf(awaits, group, agesMs)),
    entries: groups.map((group) => entryOf(awaits, group.leaf).node),
    holder: main.holder,
    evidence: evidenceOf(awaits, groups),
    requests,
    isResting: isResting(awaits, main),
    isBehindMoving: isBehindMoving(awaits, main),
    settlers: settlersOf(awaits, main.leaf),
  };
}

/** A circle in which somebody went on is none, and a lock that was given on is not abandoned. */
function goingOn(group: Group): Group {
  const isHopeless = group.code === 'deadlock' || group.code === 'abandoned-lock';
  return isHopeless ? { ...group, code: 'awaiting-forever' } : group;
}

function whereOf(awaits: Awaits, group: Group, agesMs: ReadonlyMap<number, number>): Where {
  const entry = entryOf(awaits, group.leaf);
  const ages = [...group.requests].map((node) => agesMs.get(node) ?? 0);
  return {
    ...entry.frame,
    count: group.count,
    ageMs: ages.length > 0 && Math.max(...ages) > 0 ? Math.round(Math.max(...ages)) : null,
    chain: awaits.waits
      .chainTo(group.leaf.node)
      .flatMap((node) => awaits.stuck.get(node)?.frame ?? []),
    waitsFor: waitsFor(awaits, group.leaf),
    locals: [],
  };
}

export function whoWaits(requests: number): string {
  if (requests === 0) return 'work stands still';
  return requests === 1 ? '1 request waits' : `${requests} requests wait`;
}

function sentenceOf(awaits: Awaits, group: Group, requests: number): string {
  const place = named(entryOf(awaits, group.leaf).frame);
  const who = whoWaits(requests);
  const reason = waitsFor(awaits, group.leaf);
  // What the leaf waits for and who holds it are the same words for sockets, timers and events.
  const holder = group.holder.sentence === reason ? '' : `; ${group.holder.sentence}`;
  const intro = group.code === 'deadlock' ? `Deadlock, ${who} for ever` : who;
  return `${intro}: ${place} waits for ${reason}${holder}.`;
}

function evidenceOf(awaits: Awaits, groups: readonly Group[]): string[] {
  const { moved, suspended, open, waits, stuck } = awaits;
  const evidence = [
    `${suspended} suspended async functions, of which ${moved} had gone on two seconds later`,
    `${open.length} requests have been begun and not answered`,
  ];
  for (const { holder } of groups.slice(1, 4)) {
    if (holder.where) evidence.push(holder.sentence);
  }
  if (waits.cycle && groups.some(({ code }) => code === 'deadlock')) {
    const places = waits.cycle.flatMap((node) => {
      const at = stuck.get(node);
      return at ? [named(entryOf(awaits, at).frame)] : [];
    });
    // A lock's own frames and their callers stand for the same place.
    const circle = [...places, places[0]].filter(
      (place, i, all) => i === 0 || place !== all[i - 1],
    );
    evidence.push(`circle: ${(circle.length > 1 ? circle : [...circle, ...circle]).join(' -> ')}`);
  }
  return evidence;
}
