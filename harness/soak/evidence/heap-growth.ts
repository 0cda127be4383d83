/** What a heap has that it did not have before: by constructor, with who holds one of them. Pure. */
import type { Edge, HeapGraph } from '../../diagnosis/heap/snapshot.ts';
import { bytes, whole } from '../report/numbers.ts';

/** Objects that were there have ids up to this: the process numbers them as snapshots meet them. */
export function lastId(heap: HeapGraph): number {
  let last = 0;
  for (let node = 0; node < heap.nodeCount; node++) last = Math.max(last, heap.idOf(node));
  return last;
}

export interface HeapGrowth {
  /** A constructor, `function f`, or a kind of value like `(string)`. */
  what: string;
  count: number;
  bytes: number;
  /** Who holds one of them, the nearest first. */
  heldBy: readonly string[];
}

/** Kinds that the program makes; all others are V8's own. */
const OWN_TYPES = new Set(['object', 'closure', 'string', 'array', 'number', 'bigint', 'regexp']);
const MOST = 5;
const LEAST_COUNT = 20;

/** The kinds that most new objects belong to, by their bytes. */
export function heapGrowth(heap: HeapGraph, sinceId: number): HeapGrowth[] {
  const kinds = new Map<string, { count: number; bytes: number; example: number }>();
  for (let node = 0; node < heap.nodeCount; node++) {
    const type = heap.typeOf(node);
    if (heap.idOf(node) <= sinceId || !OWN_TYPES.has(type)) continue;
    const what = kindOf(heap, node, type);
    const kind = kinds.get(what) ?? { count: 0, bytes: 0, example: node };
    kind.count++;
    kind.bytes += heap.sizeOf(node);
    // The first ones may be something else of the same kind; one in the middle is of the many.
    if (Number.isInteger(Math.log2(kind.count))) kind.example = node;
    kinds.set(what, kind);
  }
  return [...kinds]
    .filter(([, { count }]) => count >= LEAST_COUNT)
    .sort(([, a], [, b]) => b.bytes - a.bytes)
    .slice(0, MOST)
    .map(([what, { count, bytes: size, example }]) => ({
      what,
      count,
      bytes: size,
      heldBy: holdersOf(heap, example),
    }));
}

export function heapGrowthText({ what, count, bytes: size, heldBy }: HeapGrowth): string {
  const held = heldBy.length === 0 ? '' : `, one of them held by ${heldBy.join(', in ')}`;
  return `${whole(count)} new ${what}, ${bytes(size)}${held}`;
}

function kindOf(heap: HeapGraph, node: number, type: string): string {
  if (type === 'closure') return `function ${heap.nameOf(node) || '(anonymous)'}`;
  return type === 'object' ? heap.nameOf(node) : `(${type})`;
}

const MOST_HOLDERS = 3;
/** More nodes than this are not gone through for one path. */
const MOST_VISITED = 200_000;

/** The way from an object to a root, along edges that have a name in the program. */
function holdersOf(heap: HeapGraph, from: number): string[] {
  const cameBy = new Map<number, Edge | null>([[from, null]]);
  const waiting = [from];
  let root: number | null = null;
  for (let at = 0; at < waiting.length && root === null && at < MOST_VISITED; at++) {
    for (const edge of heap.edgesTo(waiting[at] as number)) {
      if (cameBy.has(edge.from)) continue;
      cameBy.set(edge.from, edge);
      if (edge.from === 0 || isRoot(heap, edge.from)) {
        root = edge.from;
        break;
      }
      waiting.push(edge.from);
    }
  }
  const path: Edge[] = [];
  for (let edge = root === null ? null : cameBy.get(root); edge; edge = cameBy.get(edge.to)) {
    path.unshift(edge);
  }
  const texts = path.filter(isNamed).map((edge) => holderText(heap, edge));
  // Of a chain of equal links one is enough.
  return [...new Set(texts)].slice(0, MOST_HOLDERS);
}

function isRoot(heap: HeapGraph, node: number): boolean {
  return heap.typeOf(node) === 'synthetic' || /^(global|Window)\b/.test(heap.nameOf(node));
}

function isNamed({ type, name }: Edge): boolean {
  return (type === 'property' || type === 'context') && name !== '__proto__' && name !== 'map';
}

function holderText(heap: HeapGraph, { type, name, from, to }: Edge): string {
  const held = heap.typeOf(to) === 'object' ? ` (${heap.nameOf(to)})` : '';
  const holder = type === 'context' ? 'a closure' : heap.nameOf(from);
  return `\`${name}\`${held} of ${holder}`;
}
