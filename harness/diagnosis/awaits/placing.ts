/**
 * At which await every function is suspended. Read from the source where that is plain; else asked, one by
 * one, for each answer costs a walk over the whole heap: of Node's own functions nobody wants to know.
 */

import type { Frame, Place } from '../diagnosis.ts';
import type { Resolver } from '../facts/await-facts.ts';
import type { HeapGraph } from '../heap/snapshot.ts';
import type { Suspended } from '../heap/suspended.ts';
import { liveFunction } from '../inspector/remote-objects.ts';
import type { Scripts } from '../inspector/scripts.ts';
import type { Inspector } from '../inspector/session.ts';
import { originOf } from '../source/origin.ts';
import type { SuspensionPoint } from './lock-holders.ts';
import { cut, readSuspension, type SuspensionText } from './suspension-point.ts';

export interface Placed {
  source: SuspensionPoint;
  frame: Frame;
}

/** Functions of one kind that are asked; if they agree, the others are there too. */
const ASKED_OF_A_KIND = 3;
const UNKNOWN = { before: '', from: '', location: null };
const NOWHERE = { file: '<unknown>', line: 0, column: 0 };

export async function placesOf(
  inspector: Inspector,
  graph: HeapGraph,
  scripts: Scripts,
  suspended: readonly Suspended[],
  resolvers: ReadonlyMap<number, Resolver[]>,
  { askingMs, serving }: Asking,
): Promise<{ placed: Placed[]; askedMs: number }> {
  const byNode = new Map(suspended.map((each) => [each.node, each]));
  const kinds = await Promise.all(
    kindsOf(graph, suspended, resolvers).map(async (members): Promise<Kind> => {
      const first = members[0]!;
      const location = graph.locationOf(first.closure);
      const begin = location
        ? await scripts.place({ ...location, scriptId: String(location.scriptId) })
        : NOWHERE;
      const own = resolvers.get(first.awaited) ?? [];
      const read = await readSuspension(graph, scripts, first, childOf(own, byNode), own);
      const isToAsk = read === null && !begin.file.startsWith('node:');
      return { members, begin, isToAsk, answers: [read] };
    }),
  );
  const servesFirst = (kind: Kind) => Number(kind.members.some(({ node }) => serving.has(node)));
  const askingAt = performance.now();
  await askAbout(
    kinds.toSorted((a, b) => servesFirst(b) - servesFirst(a)),
    askingMs,
    async ({ node }) => {
      const live = await liveFunction(inspector, graph.idOf(node));
      return live && cut(scripts, live);
    },
  );
  const askedMs = performance.now() - askingAt;
  const placed = await Promise.all(
    kinds.flatMap(({ members, begin, answers }) =>
      members.map(async (each, i): Promise<Placed> => {
        const { before, from, location } = answers[Math.min(i, answers.length - 1)] ?? UNKNOWN;
        const place = location ? await scripts.place(location) : { ...begin, isBegin: true };
        return {
          source: { ...each, before, from },
          frame: { function: each.name || '(anonymous)', ...place, origin: originOf(place.file) },
        };
      }),
    ),
  );
  return { placed, askedMs };
}

interface Asking {
  /** All questions together take no longer than this, but for the last one. */
  askingMs: number;
  /** Functions that serve a request themselves: they are asked first. */
  serving: ReadonlySet<number>;
}

/** Functions that are suspended alike, where their code begins, and what is known of where the first of them are suspended. */
interface Kind {
  members: Suspended[];
  begin: Place;
  isToAsk: boolean;
  /** One for each, in their order; the last holds for the rest. */
  answers: (SuspensionText | null)[];
}

/** One of each kind first, then more of each, until they agree or the time is over. */
async function askAbout(
  kinds: readonly Kind[],
  askingMs: number,
  ask: (each: Suspended) => Promise<SuspensionText | null>,
): Promise<void> {
  const deadline = performance.now() + askingMs;
  const open = new Set(kinds.filter(({ isToAsk }) => isToAsk));
  for (let round = 0; open.size > 0; round++) {
    for (const kind of open) {
      if (performance.now() > deadline) return;
      kind.answers[round] = await ask(kind.members[round]!);
      const places = new Set(kind.answers.map((answer) => JSON.stringify(answer?.location)));
      const agree = round + 1 >= ASKED_OF_A_KIND && places.size === 1;
      if (agree || round + 1 === kind.members.length) open.delete(kind);
    }
  }
}

/** The suspended function whose result it awaits, when there is one. */
function childOf(
  resolvers: readonly Resolver[],
  byNode: ReadonlyMap<number, Suspended>,
): Suspended | null {
  const child = resolvers.find(({ kind }) => kind === 'function');
  return (child && byNode.get(child.id)) ?? null;
}

/** Functions that are suspended alike: the same code, waiting for the same, all the way down. Larger ones first. */
function kindsOf(
  graph: HeapGraph,
  suspended: readonly Suspended[],
  resolvers: ReadonlyMap<number, Resolver[]>,
): Suspended[][] {
  const byNode = new Map(suspended.map((each) => [each.node, each]));
  const known = new Map<number, string>();
  const signatureOf = (each: Suspended): string => {
    const before = known.get(each.node);
    if (before !== undefined) return before;
    const { scriptId, line, column } = graph.locationOf(each.closure) ?? {};
    const code = [each.name, scriptId, line, column].join();
    // What leads back to it says only what it is.
    known.set(each.node, code);
    const waitsFor = (resolvers.get(each.awaited) ?? []).map(({ kind, id, path }) => {
      const other = byNode.get(id);
      return `${kind} ${other ? signatureOf(other) : path}`;
    });
    const signature = [code, ...new Set(waitsFor)].join('|');
    known.set(each.node, signature);
    return signature;
  };
  return [...Map.groupBy(suspended, signatureOf).values()].sort((a, b) => b.length - a.length);
}
