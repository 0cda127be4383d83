/** Python's tasks and threads that can never go on: who waits for which lock or pool, and who has it. */
import type { DiagnosisCode } from '../../codes.ts';
import type { Tasks } from '../../facts/runtime-facts.ts';
import { frameLabel } from '../../wording/frame.ts';
import { plural } from '../../wording/numbers.ts';
import type { Verdict } from '../rule.ts';
import { type Actor, isHeldKind, type PythonGraph, pythonGraph } from './python-graph.ts';
import { groupsOf, hasOwnFrame, placeIn, placeOf, waitsFor, whoWait } from './python-words.ts';

const MAX_EVIDENCE = 8;

export interface Judged {
  /** null when nothing is stuck for good. */
  verdict: Verdict | null;
  graph: PythonGraph;
  /** In the same wait at both looks. */
  stuck: readonly Actor[];
  evidence: string[];
}

/**
 * @param before an earlier look: waits that were not there already are no hang. Without it only a cycle
 *   is certain, for those that take turns look the same in one look.
 */
export function judgeTasks(tasks: Tasks, before: Tasks | null = null): Judged {
  const graph = pythonGraph(tasks);
  const actors = [...graph.actors.values()];
  const stuck = actors.filter((each) => before === null || hasWaited(before, each));
  const threads = tasks.threads ? `, ${plural(tasks.threads.length, 'thread')}` : '';
  const evidence = [`${plural(tasks.count, 'asyncio task')}${threads}`];
  const queued = actors.filter(isHeldKind);
  if (before && queued.length > 0 && !queued.some((each) => stuck.includes(each))) {
    const wait = queued.length === 1 ? 'waits' : 'wait';
    evidence.push(
      `${plural(queued.length, 'task')} ${wait} for locks, and none for as long as from one look to the next`,
    );
  }
  const verdict = graph.cycle
    ? cycleVerdict(graph, graph.cycle, evidence)
    : before &&
      (abandonedVerdict(tasks, graph, stuck, evidence) ?? lostVerdict(graph, stuck, evidence));
  return { verdict: verdict ?? null, graph, stuck, evidence };
}

function hasWaited(before: Tasks, actor: Actor): boolean {
  const { name, id, future, isThread } = actor;
  if (!isThread) return before.tasks.some((task) => task.name === name && task.future === future);
  const then = before.threads?.find((thread) => thread.id === id);
  return then !== undefined && (then.waits && `${then.waits.kind} ${then.waits.id}`) === future;
}

function cycleVerdict(
  graph: PythonGraph,
  cycle: readonly number[],
  evidence: string[],
): Verdict | null {
  const members = cycle.flatMap((id) => graph.actors.get(id) ?? []);
  const pool = cycle.flatMap((id) => graph.poolOf(id) ?? [])[0];
  const isLocks = members.some(isHeldKind);
  const code: DiagnosisCode = isLocks ? 'deadlock' : pool ? 'threadpool-starved' : 'deadlock';
  const lost = [...graph.lost].flatMap((id) => graph.actors.get(id) ?? []);
  const groups = groupsOf(lost.filter(hasOwnFrame)).sort(
    (a, b) => Number(isIn(cycle, b)) - Number(isIn(cycle, a)) || b.length - a.length,
  );
  const [main = members] = groups;
  const [first] = main;
  if (!first) return null;
  const places = members.map(placeOf);
  evidence.push(`cycle: ${[...places, places[0]].join(' -> ')}`);
  if (pool && !isLocks) {
    const name = pool.name ? ` ${pool.name}` : '';
    return {
      code,
      sentence: `${whoWait(lost)} forever: all ${pool.size} threads of the pool${name} wait, at ${placeOf(first)}, for work that the same pool is to do; ${pool.queued.length} more wait in its queue.`,
      where: groups.flatMap((group) => placeIn(group)),
      holder: {
        kind: 'function',
        sentence: `its own threads fill the pool, at ${placeOf(first)}`,
        where: placeIn(main)[0] ?? null,
      },
      evidence,
    };
  }
  const holder = heldBy(graph, first);
  return {
    code,
    sentence: `Deadlock: ${whoWait(lost)}, at ${placeOf(first)} for ${waitsFor(first)}; ${holder.sentence}.`,
    where: groups.flatMap((group) => placeIn(group)),
    holder,
    evidence,
  };
}

/** Nobody has it, at both looks, and no code gives it back by itself. */
function abandonedVerdict(
  { locks }: Tasks,
  graph: PythonGraph,
  stuck: readonly Actor[],
  evidence: string[],
): Verdict | null {
  const waiting = stuck.filter((each) => {
    if (!isHeldKind(each) || graph.holdersOf(each.waits?.id ?? 0).length > 0) return false;
    const lock = locks?.find(({ id }) => id === each.waits?.id);
    // What says nothing of itself may have a holder that is not seen.
    if (!lock) return false;
    return lock.isLocked !== false && !lock.isReleasedElsewhere && graph.lost.has(each.id);
  });
  const groups = groupsOf(waiting).sort((a, b) => b.length - a.length);
  const [main] = groups;
  const [first] = main ?? [];
  if (!main || !first) return null;
  return {
    code: 'abandoned-lock',
    sentence: `${whoWait(waiting)} for ${waitsFor(first)} at ${placeOf(first)}; no living task or thread holds it.`,
    where: groups.flatMap((group) => placeIn(group)),
    holder: { kind: 'nobody', sentence: 'no living task or thread holds it', where: null },
    evidence,
  };
}

/** They wait for one another only, and at the end of the chain for nobody. */
function lostVerdict(
  graph: PythonGraph,
  stuck: readonly Actor[],
  evidence: string[],
): Verdict | null {
  const lost = stuck.filter(({ id, waits }) => graph.lost.has(id) && waits?.kind !== 'lock');
  const groups = groupsOf(lost).sort((a, b) => b.length - a.length);
  const [first] = groups[0] ?? [];
  if (!first) return null;
  const listed = groups
    .slice(0, MAX_EVIDENCE)
    .map(
      ([one, ...more]) =>
        `${1 + more.length} at ${placeOf(one as Actor)} wait for ${waitsFor(one as Actor)}`,
    );
  return {
    code: 'awaiting-forever',
    sentence: `${whoWait(lost)} for one another only, ${groups[0]?.length} at ${placeOf(first)}.`,
    where: groups.flatMap((group) => placeIn(group)),
    evidence: [...evidence, ...listed],
  };
}

/** Who has the lock that it waits for, and what that one does. */
export function heldBy(graph: PythonGraph, { waits }: Actor): NonNullable<Verdict['holder']> {
  const lock = waits?.kind === 'lock' ? waits.id : undefined;
  const holders = lock === undefined ? [] : graph.holdersOf(lock);
  const [holder, ...more] = holders;
  if (!holder) return { kind: 'nobody', sentence: 'nobody is known to hold it', where: null };
  const at = holder.holds.find(({ id }) => id === lock)?.frame ?? null;
  const also = more.length > 0 ? ` (and ${more.length} more)` : '';
  const doing =
    holder.waits?.id === lock
      ? `wants it once more at ${placeOf(holder)}`
      : `itself waits for ${waitsFor(holder)} at ${placeOf(holder)}`;
  return {
    kind: 'function',
    sentence: `${holder.name}${also} holds it${at ? ` in ${frameLabel(at)}` : ''} and ${doing}`,
    where: at,
  };
}

function isIn(cycle: readonly number[], actors: readonly Actor[]): boolean {
  return actors.some(({ id }) => cycle.includes(id));
}
