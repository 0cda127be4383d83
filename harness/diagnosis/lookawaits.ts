/** The look at a process whose loop turns while requests do not end: its suspended functions. */
import { HanglabError, messageOf } from '../errors.ts';
import { readFds, readSockets, type Socket } from '../procfs.ts';
import { type Awaits, inspectAwaits } from './awaits.ts';
import { type AwaitVerdict, judgeAwaits } from './awaitverdict.ts';
import { liveFunction, localsOf } from './frames.ts';
import { judgeByHints } from './hinted.ts';
import { type Inspector, inspectorRefusal, openInspector } from './inspector.ts';
import type { Looked } from './looked.ts';
import type { OutsideView } from './outside.ts';
import { peerOf } from './peers.ts';
import type { Observation } from './sample.ts';
import { type SocketAge, socketAges } from './sockets.ts';
import type { RunHints, Where } from './types.ts';
import { judgeUpstream, unreadSockets } from './upstream.ts';

/** A request that moves is called slow when it has been waiting for this long. */
const SLOW_MS = 1000;
const LATE_MS = 2500;
const PLACES_WITH_LOCALS = 2;
/** A loop that turns answers at once, but not on a machine where nobody gets a core. */
const INSPECTOR_MS = 15_000;

export async function lookAtAwaits(
  pid: number,
  seen: Observation,
  view: OutsideView,
  { heap, hints = {}, signal }: { heap?: boolean; hints?: RunHints; signal?: AbortSignal },
): Promise<Looked> {
  const refusal = inspectorRefusal(pid);
  // Looking can heal: whatever a collection may free is written down before it.
  const ages = await socketAges(signal);
  const hinted = judgeByHints(hints, seen.sockets, ages);
  if (refusal) return { ...undecided(view, refusal), ...hinted, frozenMs: 0 };
  const unread = unreadSockets(seen.sockets);
  try {
    await using inspector = await openInspector(pid, {
      timeoutMs: INSPECTOR_MS,
      ...(signal && { signal }),
    });
    const awaits = await inspectAwaits(inspector, heap === undefined ? {} : { heap });
    const idOf = (node: number) => awaits.graph.idOf(node);
    const agesMs = requestAges(awaits, seen.sockets, ages);
    const background = (hints.progressFlatMs ?? 0) > 0;
    const isLate = background || hinted !== null || hasLateRequests(hints);
    const verdict =
      judgeAwaits(awaits, agesMs, background) ??
      (isLate ? movedOn(judgeAwaits(awaits.asFirstSeen(), agesMs, background)) : null);
    const freed = await freedByLooking(pid, unread);
    if (freed.length > 0) return { ...healed(freed, verdict), frozenMs: awaits.frozenMs };
    const orphaned = awaits.orphans.length;
    if (orphaned > 0 && orphaned >= (verdict?.requests ?? 0)) {
      return { ...orphanedRequests(awaits, agesMs, verdict), frozenMs: awaits.frozenMs };
    }
    if (!verdict) {
      return { ...moving(awaits, agesMs, seen, view), ...hinted, frozenMs: awaits.frozenMs };
    }
    if (view.code === 'threadpool-starved') {
      return { ...verdict, ...starved(verdict, seen), frozenMs: awaits.frozenMs };
    }
    const where = await withLocals(inspector, awaits, verdict);
    const [first] = verdict.settlers;
    const peer = first?.kind === 'socket' ? await peerOf(inspector, idOf(first.node)) : null;
    const upstream = peer && judgeUpstream(verdict, peer, seen.sockets, ages, hints.links ?? {});
    return { ...verdict, ...upstream, where, frozenMs: awaits.frozenMs };
  } catch (error) {
    if (!(error instanceof HanglabError)) throw error;
    return { ...undecided(view, messageOf(error)), ...hinted, frozenMs: 0 };
  }
}

/** The run holds that they are late: what they stood at is the reason, even if it passes by itself. */
function hasLateRequests({ requestsInFlight = [] }: RunHints): boolean {
  return requestsInFlight.some(({ ageMs }) => ageMs > LATE_MS);
}

function movedOn(verdict: AwaitVerdict | null): AwaitVerdict | null {
  return (
    verdict && {
      ...verdict,
      sentence: `${verdict.sentence.replace(/\.$/, '')}; two seconds later it had gone on.`,
    }
  );
}

/** Locals of the first places: each is one more walk over the heap. */
async function withLocals(
  inspector: Inspector,
  { graph }: Awaits,
  { where, entries }: AwaitVerdict,
): Promise<Where[]> {
  return Promise.all(
    where.map(async (place, i) => {
      if (i >= PLACES_WITH_LOCALS) return place;
      const live = await liveFunction(inspector, graph.idOf(entries[i] ?? -1)).catch(() => null);
      return live?.scopesId
        ? { ...place, locals: await localsOf(inspector, live.scopesId).catch(() => []) }
        : place;
    }),
  );
}

/** Without a look inside, a loop that turns is all that is known. */
function undecided({ code }: OutsideView, because: string): Omit<Looked, 'frozenMs'> {
  return {
    ...(code === 'live' && {
      isDecided: false,
      sentence: `Its event loop turns; whether a request stands still could not be seen: ${because}`,
    }),
    evidence: [because],
  };
}

/** Of each open request, how long ago its client last sent a byte. */
function requestAges(
  { open }: Awaits,
  sockets: readonly Socket[],
  ages: ReadonlyMap<number, SocketAge>,
): Map<number, number> {
  const byPort = new Map(sockets.map((socket) => [socket.remotePort, socket.inode]));
  return new Map(
    open.flatMap(({ node, clientPort }) => {
      const inode = byPort.get(clientPort);
      const age = inode === undefined ? undefined : ages.get(inode);
      return age ? [[node, age.receivedMs] as const] : [];
    }),
  );
}

/** Nothing that anybody waits for stands still: it lives, and at most it is slow. */
function moving(
  { open, moved, suspended }: Awaits,
  agesMs: ReadonlyMap<number, number>,
  { health }: Observation,
  view: OutsideView,
): Omit<Looked, 'frozenMs'> {
  const oldestMs = Math.max(0, ...agesMs.values());
  const evidence = [
    `${suspended} suspended async functions, of which ${moved} had gone on two seconds later; ${open.length} requests open, the oldest for ${Math.round(oldestMs)} ms`,
  ];
  if (view.code !== 'live') return { evidence };
  const isSlow = oldestMs > SLOW_MS || (health?.worstMs ?? 0) > SLOW_MS;
  return {
    code: isSlow ? 'slow-but-live' : 'live',
    evidence,
    ruledOut: [{ code: 'awaiting-forever', because: 'no request stands still' }],
  };
}

function starved(
  { sentence, where, requests }: AwaitVerdict,
  { poolSize, busyWorkers }: Observation,
): Pick<Looked, 'code' | 'sentence'> {
  const [first] = where;
  const place = first ? `${first.function} (${first.file}:${first.line})` : sentence;
  return {
    code: 'threadpool-starved',
    sentence: `All ${poolSize} threads of the pool are taken (${busyWorkers} busy), and ${requests} requests wait for one: most of them at ${place}.`,
  };
}

function orphanedRequests(
  { orphans }: Awaits,
  agesMs: ReadonlyMap<number, number>,
  verdict: AwaitVerdict | null,
): Omit<Looked, 'frozenMs'> {
  const named = orphans.slice(0, 5).map(({ node, method, path }) => {
    const ageMs = agesMs.get(node);
    return `${method} ${path}${ageMs ? ` (${(ageMs / 1000).toFixed(1)} s)` : ''}`;
  });
  const who = orphans.length === 1 ? '1 request' : `${orphans.length} requests`;
  return {
    code: 'orphaned',
    sentence: `${who} will never be answered: nothing of the program holds their responses any more (${named.join(', ')}).`,
    where: verdict?.where ?? [],
    holder: {
      kind: 'nobody',
      sentence:
        'the functions that should answer awaited promises that nobody kept, and were collected',
      where: null,
    },
    evidence: [...(verdict ? [`beside them: ${verdict.sentence}`, ...verdict.evidence] : [])],
  };
}

/** Sockets with unread bytes that were there before the look and have been let go of by it. */
async function freedByLooking(pid: number, before: readonly Socket[]): Promise<Socket[]> {
  if (before.length === 0) return [];
  const now = new Map(
    readSockets(pid, readFds(pid).socketInodes).map((socket) => [socket.inode, socket]),
  );
  return before.filter(({ inode, receiveQueueBytes }) => {
    const left = now.get(inode)?.receiveQueueBytes ?? 0;
    return left < receiveQueueBytes / 2;
  });
}

function healed(freed: readonly Socket[], verdict: AwaitVerdict | null): Omit<Looked, 'frozenMs'> {
  const [first] = freed;
  const bytes = freed.reduce((sum, { receiveQueueBytes }) => sum + receiveQueueBytes, 0);
  return {
    ...(verdict && { where: verdict.where }),
    code: 'body-unread',
    sentence: `Answers were not read: ${freed.length} connections to ${first?.remoteAddress}:${first?.remotePort} held ${bytes} unread bytes, and the look itself freed them.`,
    holder: null,
    evidence: [
      ...(verdict?.evidence ?? []),
      'the garbage collection of the heap snapshot cancelled bodies that nobody held any more: the hang may be gone now',
    ],
  };
}
