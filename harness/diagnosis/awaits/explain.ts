/** What a suspended function waits for, and who could end that, in the words of a person. */

import type { Frame, Holder } from '../diagnosis.ts';
import type { Settler } from '../heap/resolvers.ts';
import { named } from '../wording/frame.ts';
import type { Awaits, Stuck } from './collect.ts';

const LOCK_CALL =
  /^#?(acquire|lock|enter|take|wait|reserve|checkout|obtain|permit|slot|token|p|down)/i;
const LOCK_NAME = /lock|mutex|sem(a|$)|permit|slot|gate|limit|latch|token|waiters/i;

export function isLock({ source, settlers }: Stuck): boolean {
  const call = /^await\s+[\w$.#?]*?(#?[\w$]+)\s*\(/.exec(source.from)?.[1] ?? '';
  return LOCK_CALL.test(call) || settlers.some(({ path }) => LOCK_NAME.test(path));
}

/** A function whose place could not be had may be the one that holds what others wait for. */
export function isWhollyRead({ stuck }: Awaits): boolean {
  return [...stuck.values()].every(
    ({ source, frame }) => source.from !== '' || frame.file.startsWith('node:'),
  );
}

/** Where a person would look: the caller of the lock, not the inside of the lock. */
export function entryOf({ stuck, waits }: Awaits, leaf: Stuck): Stuck {
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

export function holderOf(awaits: Awaits, leaf: Stuck): Holder {
  const { stuck, waits } = awaits;
  const known = (node: number) => stuck.get(node) ?? awaits.first.stuck.get(node);
  for (const { functions, because } of waits.waiters.get(leaf.node)?.servers ?? []) {
    const holder = functions.map(known).find((found) => found !== undefined);
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
    if (because === 'nobody' && isLock(leaf) && isWhollyRead(awaits)) {
      return {
        kind: 'nobody',
        sentence: `no living function holds ${ownerOf(path)}: whoever had it has ended without giving it back`,
        where: null,
      };
    }
  }
  const settlers = settlersOf(awaits, leaf);
  for (const { kind, node, path } of settlers) {
    const frame = known(node);
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
export function settlersOf(awaits: Awaits, leaf: Stuck, seen = new Set<number>()): Settler[] {
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
  if (!awaits.stuck.has(frame.node)) return `goes on: ${standing(awaits.first, frame)}`;
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

export function waitsFor(awaits: Awaits, leaf: Stuck): string {
  const [first] = settlersOf(awaits, leaf);
  if (!first) return 'a promise whose resolver is lost';
  return settlerInWords(awaits, first);
}

/** What would settle a promise, as one would say it. */
function settlerInWords(
  { first: { stuck }, graph }: Awaits,
  { kind, node, path }: Settler,
): string {
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

/** `engine.#queue` -> `engine`. */
function ownerOf(path: string): string {
  return path.replace(/[. ][^. ]+$/, '') || path;
}
