/**
 * Where every suspended function stands. Read from the source where that is plain; else asked, one by
 * one, for each answer costs a walk over the whole heap: of Node's own functions nobody wants to know.
 */
import { liveFunction } from './frames.ts';
import type { Inspector } from './inspector.ts';
import type { Standing } from './locks.ts';
import type { Suspended } from './promises.ts';
import type { Place, Scripts } from './scripts.ts';
import type { Settler } from './settlers.ts';
import type { HeapGraph } from './snapshot.ts';
import { cut, readStanding, type StandingText } from './standing.ts';
import type { Frame } from './types.ts';

export interface Placed {
  source: Standing;
  /** Where it begins, when neither its source nor the process could say where it stands. */
  frame: Frame;
}

/** All questions together take no longer than this. */
const ASKING_MS = 2500;
/** Functions of one kind that are asked; if they agree, the others stand there too. */
const ASKED_OF_A_KIND = 3;
const NOWHERE = { file: '<unknown>', line: 0, column: 0 };

export async function placesOf(
  inspector: Inspector,
  graph: HeapGraph,
  scripts: Scripts,
  suspended: readonly Suspended[],
  settlers: ReadonlyMap<number, Settler[]>,
): Promise<Placed[]> {
  const byNode = new Map(suspended.map((each) => [each.node, each]));
  const deadline = performance.now() + ASKING_MS;
  const ask = async (each: Suspended): Promise<StandingText | null> => {
    if (performance.now() > deadline) return null;
    const live = await liveFunction(inspector, graph.idOf(each.node));
    return live && cut(scripts, live);
  };
  const placed: Placed[] = [];
  for (const kind of kindsOf(graph, suspended, settlers)) {
    const first = kind[0]!;
    const begin = graph.locationOf(first.closure);
    const own = settlers.get(first.awaited) ?? [];
    const read = await readStanding(graph, scripts, first, childOf(own, byNode), own);
    const isNodes = begin !== null && (await placeOf(scripts, begin)).file.startsWith('node:');
    const answers = read ? [read] : isNodes ? [] : await askSome(kind, ask);
    // Neither read nor asked: where the function begins is still better than nothing.
    const beginning = begin ? await placeOf(scripts, begin) : NOWHERE;
    for (const [i, each] of kind.entries()) {
      const standing = answers[Math.min(i, answers.length - 1)] ?? null;
      const { before = '', from = '' } = standing ?? {};
      const place = standing ? await scripts.place(standing.location) : beginning;
      placed.push({
        source: { ...each, before, from },
        frame: { function: each.name || '(anonymous)', ...place },
      });
    }
  }
  return placed;
}

function placeOf(
  scripts: Scripts,
  { scriptId, line, column }: NonNullable<ReturnType<HeapGraph['locationOf']>>,
): Promise<Place> {
  return scripts.place({ scriptId: String(scriptId), line, column });
}

/** One answer for each of the kind, or fewer when the first agree: the last then holds for the rest. */
async function askSome(
  kind: readonly Suspended[],
  ask: (each: Suspended) => Promise<StandingText | null>,
): Promise<(StandingText | null)[]> {
  const answers: (StandingText | null)[] = [];
  for (const each of kind) {
    answers.push(await ask(each));
    const places = new Set(answers.map((answer) => JSON.stringify(answer?.location)));
    if (answers.length >= ASKED_OF_A_KIND && places.size === 1) break;
  }
  return answers;
}

/** The suspended function whose result it awaits, when there is one. */
function childOf(
  settlers: readonly Settler[],
  byNode: ReadonlyMap<number, Suspended>,
): Suspended | null {
  const child = settlers.find(({ kind }) => kind === 'function');
  return (child && byNode.get(child.node)) ?? null;
}

/** Functions that stand alike: the same code, waiting for the same, all the way down. Larger ones first. */
function kindsOf(
  graph: HeapGraph,
  suspended: readonly Suspended[],
  settlers: ReadonlyMap<number, Settler[]>,
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
    const waitsFor = (settlers.get(each.awaited) ?? []).map(({ kind, node, path }) => {
      const other = byNode.get(node);
      return `${kind} ${other ? signatureOf(other) : path}`;
    });
    const signature = [code, ...new Set(waitsFor)].join('|');
    known.set(each.node, signature);
    return signature;
  };
  return [...Map.groupBy(suspended, signatureOf).values()].sort((a, b) => b.length - a.length);
}
