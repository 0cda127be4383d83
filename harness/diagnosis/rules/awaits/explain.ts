/** What a suspended function waits for, and who could end that, in plain words. */

import type { Holder } from '../../diagnosis.ts';
import type { Resolver, SuspendedFunction } from '../../facts/await-facts.ts';
import { frameLabel } from '../../wording/frame.ts';
import type { AwaitView } from './await-view.ts';
import { entryOf, isLock, isWhollyRead, leafOf, resolversOf } from './entry.ts';

export function holderOf(view: AwaitView, leaf: SuspendedFunction): Holder {
  const { stuck, waits } = view;
  const known = (id: number) => stuck.get(id) ?? view.first.stuck.get(id);
  for (const { functions, because } of waits.serversOf(leaf.id)) {
    const holder = functions.map(known).find((found) => found !== undefined);
    const path = leaf.resolvers.find(({ kind }) => kind === 'object')?.path ?? 'it';
    if (holder) {
      const verb = because === 'holds' ? 'holds' : 'is the only function that can serve';
      const also = functions.length > 1 ? ` (and ${functions.length - 1} more)` : '';
      return {
        kind: 'function',
        sentence: `${frameLabel(holder.frame)}${also} ${verb} ${ownerOf(path)} and ${whatItDoes(view, holder)}`,
        where: holder.frame,
      };
    }
    if (because === 'nobody' && isLock(leaf) && isWhollyRead(view)) {
      return {
        kind: 'nobody',
        sentence: `no living function holds ${ownerOf(path)}: whoever had it has ended without giving it back`,
        where: null,
      };
    }
  }
  const resolvers = resolversOf(view, leaf);
  for (const resolver of resolvers) {
    const { kind } = resolver;
    const frame = known(resolver.id);
    if ((kind === 'frame' || kind === 'function') && frame) {
      const verb =
        kind === 'frame' ? 'keeps the only function that can settle it' : 'is what it waits for';
      return {
        kind: 'function',
        sentence: `${frameLabel(frame.frame)} ${verb}, and ${whatItDoes(view, frame)}`,
        where: frame.frame,
      };
    }
    if (kind === 'timer' || kind === 'socket' || kind === 'native' || kind === 'event') {
      return {
        kind,
        sentence: resolverInWords(view, resolver),
        where: null,
      };
    }
  }
  if (resolvers.length === 0) {
    return {
      kind: 'nobody',
      sentence: 'nothing is left that could settle it',
      where: null,
    };
  }
  const [{ path } = { path: '' }] = resolvers;
  return {
    kind: 'nobody',
    sentence: `only code that takes from ${path || 'the list'} could settle it, and no suspended function does`,
    where: null,
  };
}

function whatItDoes(view: AwaitView, frame: SuspendedFunction): string {
  if (!view.stuck.has(frame.id)) return `goes on: ${whatItDoes(view.first, frame)}`;
  if (frame.isAtYield) return 'is suspended at a yield that nobody pulls';
  const leaf = leafOf(view, frame);
  const at = leaf === frame ? '' : `, at ${frameLabel(entryOf(view, leaf).frame)},`;
  return `itself waits${at} for ${waitsFor(view, leaf)}`;
}

export function waitsFor(view: AwaitView, leaf: SuspendedFunction): string {
  const [first] = resolversOf(view, leaf);
  if (!first) return 'a promise whose resolver is lost';
  return resolverInWords(view, first);
}

/** What would settle a promise, as one would say it. */
function resolverInWords(
  { first: { stuck } }: AwaitView,
  { kind, id, className: name, path }: Resolver,
): string {
  if (kind === 'function') {
    const frame = stuck.get(id)?.frame;
    return frame ? `the result of ${frameLabel(frame)}` : 'the result of a function';
  }
  if (kind === 'frame') {
    const frame = stuck.get(id)?.frame;
    return frame ? `${frameLabel(frame)} to call its resolver` : 'a function to call its resolver';
  }
  if (kind === 'timer') return 'a timer';
  if (kind === 'socket') return `a ${name === 'ClientRequest' ? 'response' : 'socket'} (${name})`;
  if (kind === 'native') return /^\W|^$/.test(name) ? 'native code' : `native code (${name})`;
  if (kind === 'event') return `the event ${path || '?'} of ${name}`;
  if (kind === 'variable') {
    return path
      ? `a call of the variable ${path}`
      : 'something that is kept too far away to be found';
  }
  return `its turn in ${path || 'a list'} (${name})`;
}

/** `engine.#queue` -> `engine`. */
function ownerOf(path: string): string {
  return path.replace(/[. ][^. ]+$/, '') || path;
}
