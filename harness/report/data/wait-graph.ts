/**
 * Who waits for what and who holds it, as a graph, from the places of a diagnosis. A place that waits points
 * to what it waits for; that points to its holder; and where the holder is itself a place that waits, the
 * chain goes on from there.
 */
import type { Diagnosis, Frame, Where } from '../../diagnosis/diagnosis.ts';
import type { Graph, GraphEdge, GraphNode } from '../page/page-data.ts';

const MAX_WAITS = 6;

export function waitGraph({ where, holder, evidence }: Diagnosis): Graph {
  const nodes = new Map<string, GraphNode>();
  const edges: GraphEdge[] = [];
  const add = (node: GraphNode): string => {
    if (!nodes.has(node.id)) nodes.set(node.id, node);
    return node.id;
  };
  const link = (from: string, to: string, label: string): void => {
    const known = edges.some((edge) => edge.from === from && edge.to === to);
    if (!known && from !== to) edges.push({ from, to, label, inCycle: false });
  };
  const waits = where.slice(0, MAX_WAITS);
  for (const wait of waits) {
    const place = add(placeNode(wait, countText(wait)));
    if (wait.waitsFor === '') continue;
    const resource = add(resourceNode(wait.waitsFor));
    link(place, resource, 'waits for');
  }
  const cycle = cycleOf(evidence);
  if (cycle.length > 1) {
    const ids = cycle.map((frame) => add(placeNode(frame, '')));
    ids.forEach((id, i) => {
      const next = ids[(i + 1) % ids.length] as string;
      const waited = waits.find((wait) => placeId(wait) === id && wait.waitsFor !== '');
      // A function that calls one which waits is in the same chain of awaits; it waits for it.
      if (waited) link(resourceNode(waited.waitsFor).id, next, 'held by');
      else link(id, next, 'waits for');
    });
  } else if (holder && waits[0] && waits[0].waitsFor !== '') {
    const held = holder.where
      ? placeNode(holder.where, '')
      : {
          id: 'holder',
          kind: 'holder' as const,
          label: holderLabel(holder.kind),
          detail: holder.sentence,
        };
    link(resourceNode(waits[0].waitsFor).id, add(held), holder.where ? 'held by' : 'depends on');
  }
  return { nodes: [...nodes.values()], edges: withCycles(edges) };
}

function holderLabel(kind: string): string {
  return kind === 'nobody' ? 'nobody' : `a ${kind}`;
}

function placeId({ function: name, file, line }: Omit<Frame, 'column'>): string {
  return `place ${name} ${file}:${line}`;
}

function placeNode(frame: Omit<Frame, 'column'>, remark: string): GraphNode {
  const place = `${frame.isBegin ? 'begins at ' : ''}${frame.file}:${frame.line}`;
  const label = remark === '' ? frame.function : `${frame.function} ${remark}`;
  return { id: placeId(frame), kind: 'place', label, detail: place };
}

function countText({ count }: Where): string {
  return count > 1 ? `(${count})` : '';
}

function resourceNode(waitsFor: string): GraphNode {
  return { id: `resource ${waitsFor}`, kind: 'resource', label: waitsFor, detail: '' };
}

const CYCLE = /^(?:circle|cycle): (.+)$/;
const STEP = /^(.+) \((begins at )?(.+):(\d+)\)$/;

/** The places of the cycle that the evidence names, each once; empty when it names none. */
function cycleOf(evidence: readonly string[]): Omit<Frame, 'column'>[] {
  const [, text = ''] = evidence.map((line) => CYCLE.exec(line)).find(Boolean) ?? [];
  const frames = text.split(' -> ').flatMap((step) => {
    const [, name, begins, file, line] = STEP.exec(step) ?? [];
    if (name === undefined || file === undefined) return [];
    return [{ function: name, file, line: Number(line), ...(begins ? { isBegin: true } : {}) }];
  });
  const ids = frames.map(placeId);
  return frames.filter((frame, i) => ids.indexOf(placeId(frame)) === i);
}

/** Marks the edges from whose end their beginning can be reached. */
function withCycles(edges: readonly GraphEdge[]): GraphEdge[] {
  const reaches = (from: string, to: string): boolean => {
    const seen = new Set<string>();
    const stack = [from];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (at === to) return true;
      if (seen.has(at)) continue;
      seen.add(at);
      for (const edge of edges) if (edge.from === at) stack.push(edge.to);
    }
    return false;
  };
  return edges.map((edge) => ({ ...edge, inCycle: reaches(edge.to, edge.from) }));
}
