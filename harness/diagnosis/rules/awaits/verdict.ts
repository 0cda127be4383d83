/** From functions that are stuck to a name for the hang: who waits where, for whom, and why. */

import type { DiagnosisCode } from '../../codes.ts';
import type { Holder, Where } from '../../diagnosis.ts';
import type { Resolver } from '../../facts/await-facts.ts';
import { frameLabel } from '../../wording/frame.ts';
import { plural, seconds } from '../../wording/numbers.ts';
import type { AwaitView } from './await-view.ts';
import { entryOf, isLock, resolversOf } from './entry.ts';
import { waitsFor } from './explain.ts';
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
  /** Open requests that wait in these awaits. */
  requests: number;
  /** Those of the first place, and the function there that waits for nothing of the program's any more. */
  requestIds: number[];
  leaf: number;
  /** When the first timer fires that ends the wait of the first place; null when none does. */
  timerMs: number | null;
  /** Nobody is served by it, and it waits for work, as an idle worker does. */
  isResting: boolean;
  /** What it waits for moves, and it does not: a lock whose holder works on, the result of a loop. */
  isBehindMoving: boolean;
  /** Who could settle what the first place waits for, to look its socket or timer up. */
  resolvers: Resolver[];
}

/** Which reason explains most, when there are several. */
const WEIGHT: Partial<Record<DiagnosisCode, number>> = {
  deadlock: 5,
  'abandoned-lock': 4,
  'awaiting-forever': 3,
  'upstream-stalled': 2,
  'waiting-on-timer': 1,
};
const NONE: ReadonlySet<number> = new Set();
const BEHIND_POOL = 0.5;
/** A file or a thread that had answered at the second look was at work. */
const NATIVE_THAT_ANSWERED = 0.25;

/**
 * @param order what names the reason where there are several: `weight`, which explains most;
 * `age`, which keeps requests longest in all, of functions that were only seen once.
 * @param firstOf a path whose requests matter most, if any are open.
 * @param background whether accepted work is known to be stuck: then functions that serve no
 * request count too. Without it they are taken to rest, as an idle worker does.
 * @param except places that have been judged, by their `leaf`.
 * @returns null when nothing that a request depends on is stuck.
 */
export function judgeAwaits(
  view: AwaitView,
  agesMs: ReadonlyMap<number, number>,
  {
    background,
    order = 'weight',
    firstOf,
    except = NONE,
  }: {
    background: boolean;
    order?: 'weight' | 'age';
    firstOf?: string | undefined;
    except?: ReadonlySet<number>;
  },
): AwaitVerdict | null {
  const asked = new Set(
    view.facts.requests.flatMap(({ path, id }) => (path === firstOf ? id : [])),
  );
  const isAsked = ({ requests }: Group): boolean => [...requests].some((node) => asked.has(node));
  const age = ({ requests }: Group): number =>
    order === 'age' ? [...requests].reduce((sum, node) => sum + (agesMs.get(node) ?? 0), 0) : 0;
  const weight = (group: Group) => {
    if (isResting(view, group)) return 0;
    // Behind a pool whose permits are all at work, the work's own reason is the reason.
    if (isBehindPool(view, group)) return BEHIND_POOL;
    const kinds = resolversOf(view, group.leaf).map(({ kind }) => kind);
    const isNative = kinds.length > 0 && kinds.every((kind) => kind === 'native');
    if (order === 'age' && isNative) return NATIVE_THAT_ANSWERED;
    return WEIGHT[group.code] ?? 0;
  };
  const groups = groupsOf(view)
    .map((group) => (order === 'age' ? goingOn(group) : group))
    .filter(({ leaf }) => !except.has(leaf.id))
    .filter((group) => group.requests.size > 0 || group.code === 'deadlock' || background)
    .sort(
      (a, b) =>
        Number(isAsked(b)) - Number(isAsked(a)) ||
        Number(isBehindPool(view, a)) - Number(isBehindPool(view, b)) ||
        age(b) - age(a) ||
        weight(b) - weight(a) ||
        Number(isInCycle(view, b)) - Number(isInCycle(view, a)) ||
        b.requests.size - a.requests.size ||
        b.count - a.count,
    );
  const [main] = groups;
  if (!main) return null;
  const requests = new Set(groups.flatMap((group) => [...group.requests])).size;
  return {
    code: main.code,
    sentence: sentenceOf(view, main, requests),
    where: groups.map((group) => whereOf(view, group, agesMs)),
    entries: groups.map((group) => entryOf(view, group.leaf).id),
    holder: main.holder,
    evidence: evidenceOf(view, groups),
    requests,
    requestIds: [...main.requests],
    leaf: main.leaf.id,
    timerMs: timerOf(view, main),
    isResting: isResting(view, main),
    isBehindMoving: isBehindMoving(view, main),
    resolvers: resolversOf(view, main.leaf),
  };
}

/** Whoever on the way has a timer that ends its wait ends the waits behind it too. */
function timerOf({ stuck, waits }: AwaitView, { leaf }: Group): number | null {
  const times = waits.chainTo(leaf.id).flatMap((id) => stuck.get(id)?.timerMs ?? []);
  return times.length > 0 ? Math.min(...times) : null;
}

/** A cycle in which somebody went on is none, and a lock that was given on is not abandoned. */
function goingOn(group: Group): Group {
  const isHopeless = group.code === 'deadlock' || group.code === 'abandoned-lock';
  return isHopeless ? { ...group, code: 'awaiting-forever' } : group;
}

function whereOf(view: AwaitView, group: Group, agesMs: ReadonlyMap<number, number>): Where {
  const entry = entryOf(view, group.leaf);
  const ages = [...group.requests].map((node) => agesMs.get(node) ?? 0);
  return {
    ...entry.frame,
    count: group.count,
    ageMs: ages.length > 0 && Math.max(...ages) > 0 ? Math.round(Math.max(...ages)) : null,
    chain: view.waits.chainTo(group.leaf.id).flatMap((id) => view.stuck.get(id)?.frame ?? []),
    waitsFor: waitsFor(view, group.leaf),
    locals: [],
  };
}

export function whoWaits(requests: number): string {
  if (requests === 0) return 'work is stuck';
  return requests === 1 ? '1 request waits' : `${requests} requests wait`;
}

function sentenceOf(view: AwaitView, group: Group, requests: number): string {
  const place = frameLabel(entryOf(view, group.leaf).frame);
  const who = whoWaits(requests);
  const reason = waitsFor(view, group.leaf);
  // What the leaf waits for and who holds it are the same words for sockets, timers and events.
  const holder = group.holder.sentence === reason ? '' : `; ${group.holder.sentence}`;
  const intro = group.code === 'deadlock' ? `Deadlock, ${who} forever` : who;
  return `${intro}: ${place} waits for ${reason}${holder}.`;
}

export function suspendedText({ suspended, moved, facts }: AwaitView): string {
  return `${plural(suspended, 'suspended async function')}, of which ${moved} had gone on ${seconds(facts.apartMs)} later`;
}

/** Names can mislead: that it is a lock, and who gives it back, is read from what things are called. */
function byName(view: AwaitView, groups: readonly Group[]): string[] {
  const isRead = ({ code, leaf }: Group) =>
    isLock(leaf) && (code === 'abandoned-lock' || view.waits.serversOf(leaf.id).length > 0);
  const paths = new Set(
    groups.filter(isRead).flatMap(({ leaf }) => leaf.resolvers.map(({ path }) => path)),
  );
  const [path] = [...paths].filter(Boolean);
  return path
    ? [`${path} is taken for a lock by its name, and its holder for one by the calls in its source`]
    : [];
}

function evidenceOf(view: AwaitView, groups: readonly Group[]): string[] {
  const { waits, stuck } = view;
  const evidence = [
    suspendedText(view),
    `${plural(view.facts.requests.length, 'request')} begun and not answered`,
    ...byName(view, groups),
  ];
  for (const { holder } of groups.slice(1, 4)) {
    if (holder.where) evidence.push(holder.sentence);
  }
  if (waits.cycle && groups.some(({ code }) => code === 'deadlock')) {
    const places = waits.cycle.flatMap((node) => {
      const at = stuck.get(node);
      return at ? [frameLabel(entryOf(view, at).frame)] : [];
    });
    // A lock's own frames and their callers stand for the same place.
    const cycle = [...places, places[0]].filter((place, i, all) => i === 0 || place !== all[i - 1]);
    evidence.push(`cycle: ${(cycle.length > 1 ? cycle : [...cycle, ...cycle]).join(' -> ')}`);
  }
  return evidence;
}
