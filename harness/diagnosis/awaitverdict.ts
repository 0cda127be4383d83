/** From functions that stand still to a name for the hang: who waits where, for whom, and why. */
import type { Awaits, Stuck } from './awaits.ts';
import type { DiagnosisCode } from './codes.ts';
import type { Settler } from './settlers.ts';
import type { Frame, Holder, Where } from './types.ts';

export interface AwaitVerdict {
  code: DiagnosisCode;
  sentence: string;
  where: Where[];
  holder: Holder | null;
  evidence: string[];
  /** Open requests that stand in these awaits. */
  requests: number;
  /** The leaf's settlers, for those that look the socket or timer up. */
  settlers: Settler[];
}

/** Waits for one reason at one place. */
interface Group {
  code: DiagnosisCode;
  members: Stuck[];
  count: number;
  requests: Set<number>;
  leaf: Stuck;
  holder: Holder;
}

const LOCK_CALL =
  /^#?(acquire|lock|enter|take|wait|reserve|checkout|obtain|permit|slot|token|p|down)/i;
const LOCK_NAME = /lock|mutex|sem(a|$)|permit|slot|gate|limit|latch|token|waiters/i;
/** Which reason explains most, when several stand side by side. */
const WEIGHT: Partial<Record<DiagnosisCode, number>> = {
  deadlock: 5,
  'abandoned-lock': 4,
  'awaiting-forever': 3,
  'upstream-stalled': 2,
  'waiting-on-timer': 1,
};
const BEHIND_POOL = 0.5;

/**
 * @param background whether accepted work is known to stand still: then functions that serve no
 * request count too. Without it they are taken to rest, as an idle worker does.
 * @returns null when nothing that anybody waits for stands still.
 */
export function judgeAwaits(
  awaits: Awaits,
  agesMs: ReadonlyMap<number, number>,
  background = false,
): AwaitVerdict | null {
  const weight = (group: Group) => {
    if (isResting(awaits, group)) return 0;
    // Behind a pool whose permits are all at work, the work's own reason is the reason.
    return isBehindPool(awaits, group) ? BEHIND_POOL : (WEIGHT[group.code] ?? 0);
  };
  const groups = groupsOf(awaits)
    .filter((group) => group.requests.size > 0 || group.code === 'deadlock' || background)
    .sort(
      (a, b) =>
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
    holder: main.holder,
    evidence: evidenceOf(awaits, groups),
    requests,
    settlers: settlersOf(awaits, main.leaf),
  };
}

/** Waits for a permit that several others hold and work with. */
function isBehindPool({ waits }: Awaits, { code, leaf }: Group): boolean {
  const servers = waits.waiters.get(leaf.node)?.servers ?? [];
  const holders = servers.flatMap(({ because, functions }) =>
    because === 'holds' ? functions : [],
  );
  return code === 'awaiting-forever' && holders.length > 1;
}

/** Serves nobody and waits for work in a list: what an idle worker does. */
function isResting({ waits }: Awaits, { code, requests, leaf }: Group): boolean {
  const servers = waits.waiters.get(leaf.node)?.servers ?? [];
  const isIdle = servers.length > 0 && servers.every(({ because }) => because !== 'holds');
  return requests.size === 0 && code === 'awaiting-forever' && isIdle;
}

function isInCycle({ waits }: Awaits, { members }: Group): boolean {
  return members.some(({ node }) => waits.cycle?.includes(node));
}

function groupsOf(awaits: Awaits): Group[] {
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
  if (lost && servers.some(({ because }) => because === 'nobody') && isLock(leaf)) {
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

function isLock({ source, settlers }: Stuck): boolean {
  const call = /^await\s+[\w$.#?]*?(#?[\w$]+)\s*\(/.exec(source.from)?.[1] ?? '';
  return LOCK_CALL.test(call) || settlers.some(({ path }) => LOCK_NAME.test(path));
}

/** Where a person would look: the caller of the lock, not the inside of the lock. */
function entryOf({ stuck, waits }: Awaits, leaf: Stuck): Stuck {
  const objects = new Set(leaf.settlers.map(({ node }) => node));
  let at = leaf;
  while (objects.has(at.source.receiver) || isForeign(at.frame)) {
    const parent = stuck.get(waits.parentOf(at.node));
    if (!parent) return isForeign(at.frame) ? leaf : at;
    at = parent;
  }
  return at;
}

function isForeign({ file }: Frame): boolean {
  return file.includes('/node_modules/') || file.startsWith('node:');
}

function holderOf(awaits: Awaits, leaf: Stuck): Holder {
  const { stuck, waits } = awaits;
  for (const { functions, because } of waits.waiters.get(leaf.node)?.servers ?? []) {
    const holder = functions.map((node) => stuck.get(node)).find((found) => found !== undefined);
    const path = leaf.settlers.find(({ kind }) => kind === 'object')?.path ?? 'it';
    if (holder) {
      const verb = because === 'holds' ? 'holds' : 'is the one to serve';
      const also = functions.length > 1 ? ` (and ${functions.length - 1} more)` : '';
      return {
        kind: 'function',
        sentence: `${named(holder.frame)}${also} ${verb} ${ownerOf(path)} and ${standing(awaits, holder)}`,
        where: holder.frame,
      };
    }
    if (because === 'nobody' && isLock(leaf)) {
      return {
        kind: 'nobody',
        sentence: `no living function holds ${ownerOf(path)}: whoever had it has ended without giving it back`,
        where: null,
      };
    }
  }
  const settlers = settlersOf(awaits, leaf);
  for (const { kind, node, path } of settlers) {
    const frame = stuck.get(node);
    if ((kind === 'frame' || kind === 'function') && frame) {
      const verb =
        kind === 'frame' ? 'keeps the only function that can settle it' : 'is what it waits for';
      return {
        kind: 'function',
        sentence: `${named(frame.frame)} ${verb}, and ${standing(awaits, frame)}`,
        where: frame.frame,
      };
    }
    if (kind === 'timer' || kind === 'socket' || kind === 'native' || kind === 'event') {
      return {
        kind,
        sentence: settlerInWords(awaits, { kind, node, path, all: false }),
        where: null,
      };
    }
  }
  if (settlers.length === 0) {
    return {
      kind: 'nobody',
      sentence: 'nothing is left that could settle it',
      where: null,
    };
  }
  const [{ path } = { path: '' }] = settlers;
  return {
    kind: 'nobody',
    sentence: `only code that takes from ${path || 'the list'} could settle it, and no suspended function does`,
    where: null,
  };
}

/**
 * Who could settle what `leaf` waits for, seen from the program: functions of Node and of packages are
 * looked through, down to the timer, socket or event that they wait for themselves.
 */
function settlersOf(awaits: Awaits, leaf: Stuck, seen = new Set<number>()): Settler[] {
  seen.add(leaf.node);
  return leaf.settlers
    .flatMap((settler) => {
      const frame =
        settler.kind === 'frame' || settler.kind === 'function'
          ? awaits.stuck.get(settler.node)
          : null;
      if (!frame || !isForeign(frame.frame) || frame.source.awaited < 0) return [settler];
      if (seen.has(frame.node)) return [];
      const further = settlersOf(awaits, frame, seen);
      return further.length > 0 ? further : [settler];
    })
    .toSorted((a, b) => Number(b.kind === 'socket') - Number(a.kind === 'socket'));
}

function standing(awaits: Awaits, frame: Stuck): string {
  if (frame.source.awaited < 0) return 'stands at a yield that nobody pulls';
  const leaf = leafOf(awaits, frame);
  const at = leaf === frame ? '' : `, at ${named(entryOf(awaits, leaf).frame)},`;
  return `itself waits${at} for ${waitsFor(awaits, leaf)}`;
}

/** Down the results that a function waits for, to the one that waits for something else. */
function leafOf(awaits: Awaits, from: Stuck): Stuck {
  const seen = new Set([from.node]);
  let at = from;
  for (;;) {
    const child = at.settlers.find(
      ({ kind, node }) => kind === 'function' && awaits.stuck.has(node) && !seen.has(node),
    );
    if (!child) return at;
    seen.add(child.node);
    at = awaits.stuck.get(child.node) as Stuck;
  }
}

function waitsFor(awaits: Awaits, leaf: Stuck): string {
  const [first] = settlersOf(awaits, leaf);
  if (!first) return 'a promise whose resolver is lost';
  return settlerInWords(awaits, first);
}

/** What would settle a promise, as one would say it. */
function settlerInWords({ stuck, graph }: Awaits, { kind, node, path }: Settler): string {
  const name = graph.nameOf(node);
  if (kind === 'function') {
    const frame = stuck.get(node)?.frame;
    return frame ? `the result of ${named(frame)}` : 'the result of a function';
  }
  if (kind === 'frame') {
    const frame = stuck.get(node)?.frame;
    return frame ? `${named(frame)} to call its resolver` : 'a function to call its resolver';
  }
  if (kind === 'timer') return 'a timer';
  if (kind === 'socket') return `a ${name === 'ClientRequest' ? 'response' : 'socket'} (${name})`;
  if (kind === 'native') return /^\W|^$/.test(name) ? 'native code' : `native code (${name})`;
  if (kind === 'event') return `the event ${path || '?'} of ${name}`;
  if (kind === 'variable') return `a call of the variable ${path}`;
  return `its turn in ${path || 'a list'} (${name})`;
}

function named({ function: name, file, line }: Frame): string {
  return `${name} (${file}:${line})`;
}

/** `engine.#queue` -> `engine`. */
function ownerOf(path: string): string {
  return path.replace(/[. ][^. ]+$/, '') || path;
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
    locals: entry.locals,
  };
}

function sentenceOf(awaits: Awaits, group: Group, requests: number): string {
  const place = named(entryOf(awaits, group.leaf).frame);
  const who =
    requests === 0
      ? 'work stands still'
      : requests === 1
        ? '1 request waits'
        : `${requests} requests wait`;
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
