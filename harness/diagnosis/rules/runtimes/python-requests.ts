/** What a Python process's requests wait for in the end, and whether that is a hang, a wait, or life. */
import type { DiagnosisCode } from '../../codes.ts';
import type { Tasks } from '../../facts/runtime-facts.ts';
import { seconds } from '../../wording/numbers.ts';
import { decide, type Ending, verdictOf, type Wait } from '../decision/decide.ts';
import { requestLimit } from '../decision/limit.ts';
import { clientTraffic, socketMoved } from '../decision/traffic.ts';
import type { Case, Verdict } from '../rule.ts';
import type { Actor, PythonGraph } from './python-graph.ts';
import { groupsOf, hasOwnFrame, placeIn, placeOf, waitsFor, whoWait } from './python-words.ts';
import { heldBy, type Judged } from './task-verdict.ts';

/** A chain of waits is followed so far. */
const MAX_DEPTH = 20;

/** What a group of requests, or of tasks that wait for a lock, waits for. */
interface Found {
  members: Actor[];
  leaf: Actor;
  wait: Wait;
  verdict: Verdict;
}

/** The first wait that is a hang; else the first that may still end; null when all live. */
export function requestVerdict(subject: Case, tasks: Tasks, judged: Judged): Verdict | null {
  const { graph, stuck } = judged;
  const waiting = stuck.filter((each) => isAsking(graph, each));
  const limit = requestLimit(subject);
  const found = groupsOf(waiting)
    .map((members) => waitOf(subject, tasks, judged, members))
    .toSorted((a, b) => (b.wait.oldestMs ?? 0) - (a.wait.oldestMs ?? 0));
  const hung = found.find(({ wait }) => decide(wait, limit) === 'hung');
  if (hung) return hung.verdict;
  for (const { verdict, wait } of found) {
    const other = verdictOf(subject, verdict, wait);
    if (other) return other;
  }
  return null;
}

/** It serves a request, or waits for a lock in the program's own code. */
function isAsking({ lost }: PythonGraph, actor: Actor): boolean {
  if (actor.request) return actor.waits !== null || actor.isThread;
  return hasOwnFrame(actor) && actor.waits?.kind === 'lock' && !lost.has(actor.id);
}

function waitOf(subject: Case, tasks: Tasks, { graph, evidence }: Judged, members: Actor[]): Found {
  const [first] = members as [Actor];
  const isLock = first.waits?.kind === 'lock';
  const { leaf, deadlineMs } = leafOf(graph, first);
  const ages = members.flatMap((each) => ageOf(subject, each) ?? []);
  // Where no framework tells whose request it is, the clients that wait are all that is known.
  const isUnknown = members.every(({ request }) => request === null);
  const oldestMs =
    ages.length > 0 ? Math.max(...ages) : isUnknown ? clientTraffic(subject).oldestMs : null;
  const inode = leaf.waits?.inode ?? leaf.socket;
  const wait: Wait = {
    ending: deadlineMs !== null ? 'timer' : endingOf(leaf),
    oldestMs,
    timerMs: deadlineMs === null ? null : Math.round(deadlineMs),
    moves:
      isWorking(leaf) ||
      (isOutside(leaf) && inode !== null && socketMoved(subject.outside, inode) === true),
    isStream: members.every((each) => isAnswered(subject, each)),
  };
  const code = codeOf(leaf, wait);
  // Of a lock the waiter is named, and its holder beside it; else whoever is at the end of the chain.
  const shown = leaf === first || isLock || !hasOwnFrame(leaf) ? first : leaf;
  const place = placeOf(shown);
  const what = whatFor(subject, tasks, isLock ? first : leaf);
  const held = isLock ? heldBy(graph, first) : null;
  const requests = members.flatMap(({ request }) =>
    request ? `${request.method} ${request.path}` : [],
  );
  const asked = requests.length > 0 ? ` (${[...new Set(requests)].slice(0, 3).join(', ')})` : '';
  const places =
    shown !== first
      ? [...placeIn([leaf], wait.oldestMs), ...placeIn(members, wait.oldestMs)]
      : placeIn(members, wait.oldestMs);
  return {
    members,
    leaf,
    wait,
    verdict: {
      code,
      sentence: `${whoWait(members)}${asked}: ${place} waits for ${what}${held ? `; ${held.sentence}` : ''}.`,
      where: places,
      holder: held ?? (isOutside(leaf) ? { kind: 'socket', sentence: what, where: null } : null),
      evidence,
    },
  };
}

/** Down the waits to what is no wait for another task or thread; the first timer on the way ends it. */
function leafOf(graph: PythonGraph, from: Actor): { leaf: Actor; deadlineMs: number | null } {
  const seen = new Set([from.id]);
  let leaf = from;
  let deadlineMs = from.deadlineMs;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const [next] = (graph.on.get(leaf.id) ?? []).flatMap((id) => {
      const busy = graph.poolOf(id) ? (graph.on.get(id) ?? []) : [id];
      return busy.flatMap((each) => (seen.has(each) ? [] : (graph.actors.get(each) ?? [])));
    });
    if (!next) break;
    seen.add(next.id);
    leaf = next;
    if (next.deadlineMs !== null)
      deadlineMs = Math.min(deadlineMs ?? next.deadlineMs, next.deadlineMs);
  }
  return { leaf, deadlineMs };
}

function isOutside({ waits, socket, isThread }: Actor): boolean {
  if (!waits) return isThread && socket !== null;
  return ['socket', 'child', 'pool'].includes(waits.kind);
}

/** A thread that waits for nothing that is known runs: that is no hang of its own. */
function isWorking({ waits, socket, isThread }: Actor): boolean {
  return !waits && (!isThread || socket === null);
}

function endingOf(leaf: Actor): Ending {
  if (isOutside(leaf)) return 'outside';
  return leaf.waits?.kind === 'timer' ? 'timer' : 'inside';
}

function codeOf(leaf: Actor, { ending }: Wait): DiagnosisCode {
  if (leaf.waits?.kind === 'pool') return 'pool-exhausted';
  if (leaf.waits?.kind === 'timer') return 'waiting-on-timer';
  if (ending === 'outside' && leaf.waits?.kind !== 'child') return 'upstream-stalled';
  return 'awaiting-forever';
}

/** Since its client last sent a byte. */
function ageOf({ outside: { sockets, tcp } }: Case, { request }: Actor): number | null {
  const port = request?.peer?.port;
  const socket =
    port === undefined ? undefined : sockets.find(({ remotePort }) => remotePort === port);
  return (socket && tcp[socket.inode]?.receivedMs) ?? null;
}

/** Its client has been sent something since it asked: a stream. */
function isAnswered({ outside: { sockets, tcp } }: Case, { request }: Actor): boolean {
  const port = request?.peer?.port;
  const socket =
    port === undefined ? undefined : sockets.find(({ remotePort }) => remotePort === port);
  const info = socket && tcp[socket.inode];
  return info ? info.sentMs < info.receivedMs : false;
}

function whatFor({ outside: { sockets, tcp } }: Case, { pools = [] }: Tasks, leaf: Actor): string {
  const pool =
    leaf.waits?.kind === 'pool' ? pools.find(({ id }) => id === leaf.waits?.id) : undefined;
  if (pool) {
    const size = pool.size === null ? '' : `: ${pool.used ?? '?'} of its ${pool.size} are taken`;
    return `a connection of the pool ${pool.name}${size}`;
  }
  const inode = leaf.waits?.inode ?? leaf.socket;
  const socket = isOutside(leaf) ? sockets.find((each) => each.inode === inode) : undefined;
  if (!socket) return waitsFor(leaf);
  const silentMs = tcp[socket.inode]?.receivedMs;
  const silence = silentMs ? `, silent for ${seconds(silentMs)}` : '';
  return `${socket.remoteAddress}:${socket.remotePort}${silence}`;
}
