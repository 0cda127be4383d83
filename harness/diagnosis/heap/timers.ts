/** When timers fire, as the snapshot shows it, and which of them call something off. */
import type { HeapGraph } from './snapshot.ts';
import { numberOf } from './values.ts';

/** Milliseconds on the clock of the process's event loop; null for one that repeats, or is none. */
export function dueAt(graph: HeapGraph, timer: number): number | null {
  const startMs = numberOf(graph, timer, '_idleStart');
  const timeoutMs = numberOf(graph, timer, '_idleTimeout');
  if (startMs === null || timeoutMs === null || timeoutMs < 0) return null;
  return numberOf(graph, timer, '_repeat') === null ? startMs + timeoutMs : null;
}

const known = new WeakMap<HeapGraph, Map<number, number>>();

/** Of each AbortSignal, or its controller, that a timer aborts: when. */
export function abortTimes(graph: HeapGraph): ReadonlyMap<number, number> {
  const before = known.get(graph);
  if (before) return before;
  const times = new Map<number, number>();
  for (const timer of graph.objectsNamed('Timeout')) {
    const due = dueAt(graph, timer);
    if (due === null) continue;
    for (const node of abortedBy(graph, timer)) {
      times.set(node, Math.min(due, times.get(node) ?? Number.POSITIVE_INFINITY));
    }
  }
  known.set(graph, times);
  followSources(graph, times);
  return times;
}

/** `setTimeout(() => controller.abort())`, and `AbortSignal.timeout`, whose timer has a weak reference to the signal. */
function abortedBy(graph: HeapGraph, timer: number): number[] {
  const found: number[] = [];
  const callback = graph.follow(timer, '_onTimeout');
  const starts = [graph.follow(callback, 'context'), callback, graph.follow(timer, '_timerArgs')];
  for (const start of starts.filter((node) => node >= 0)) {
    for (const { to } of graph.edgesFrom(start)) {
      if (/^Abort(Signal|Controller)$/.test(graph.nameOf(to))) found.push(to);
      if (graph.nameOf(to) === 'WeakRef') {
        for (const edge of graph.edgesFrom(to)) {
          if (graph.nameOf(edge.to) === 'AbortSignal') found.push(edge.to);
        }
      }
    }
  }
  return found.flatMap((node) => {
    const signal = graph.follow(node, '<symbol kSignal>');
    return signal >= 0 ? [node, signal] : [node];
  });
}

/** `AbortSignal.any`: it is aborted with the first of those that it was made of. */
function followSources(graph: HeapGraph, times: Map<number, number>): void {
  for (const signal of [...times.keys()]) {
    const due = times.get(signal) as number;
    const dependants = graph.follow(signal, '<symbol kDependantSignals>');
    if (dependants < 0) continue;
    const seen = new Set([dependants]);
    for (const node of seen) {
      if (seen.size > 200) break;
      for (const { to, name } of graph.edgesFrom(node)) {
        if (/^(map|__proto__)$/.test(name)) continue;
        if (graph.nameOf(to) === 'AbortSignal') {
          times.set(to, Math.min(due, times.get(to) ?? Number.POSITIVE_INFINITY));
        } else if (/WeakRef|Set|^$|table|system|array/.test(graph.nameOf(to))) seen.add(to);
      }
    }
  }
}
