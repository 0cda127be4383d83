/** The look at a process whose loop turns while requests do not end: its suspended functions. */
import { setTimeout as sleep } from 'node:timers/promises';
import { HanglabError, messageOf } from '../../platform/errors.ts';
import type { Socket } from '../../platform/procfs/sockets.ts';
import type { RunHints, Where } from '../diagnosis.ts';
import type { Looked } from '../inside-view.ts';
import { peerOf } from '../inspector/peers.ts';
import { liveFunction, localsOf, releaseAll } from '../inspector/remote-objects.ts';
import { howToRetain } from '../inspector/retain-promises.ts';
import { type Inspector, inspectorRefusal, openInspector } from '../inspector/session.ts';
import { askMeanwhile } from '../outside/health-probe.ts';
import type { Observation } from '../outside/observe.ts';
import type { OutsideView } from '../outside/outside-view.ts';
import type { SocketAge } from '../outside/socket-ages.ts';
import { judgeByHints } from '../run-hints.ts';
import { named } from '../wording/frame.ts';
import { type Awaits, inspectAwaits } from './collect.ts';
import { freedByLooking, healed, leftUnread } from './freed-by-snapshot.ts';
import { judgeUpstream } from './upstream-verdict.ts';
import { type AwaitVerdict, judgeAwaits } from './verdict.ts';

/** A request that moves is called slow when it has been waiting for this long. */
const SLOW_MS = 1000;
const LATE_MS = 2500;
const PLACES_WITH_LOCALS = 2;
/** A request of ours has reached its handler by then, and one that waits still does. */
const ARRIVES_MS = 50;
/** A loop that turns answers at once, but not on a machine where nobody gets a core. */
const INSPECTOR_MS = 15_000;

export async function lookAtAwaits(
  pid: number,
  seen: Observation,
  view: OutsideView,
  {
    heap,
    healthUrl,
    hints = {},
    signal,
  }: { heap?: boolean; healthUrl?: string; hints?: RunHints; signal?: AbortSignal },
): Promise<Looked> {
  const refusal = inspectorRefusal(pid);
  const { ages } = seen;
  const hinted = view.code === 'stale-claims' ? null : judgeByHints(hints, seen.sockets, ages);
  if (refusal) return { ...undecided(view, refusal), ...hinted, frozenMs: 0 };
  // Looking can heal: whatever a collection may free is written down before it.
  const unread = leftUnread(seen);
  try {
    await using inspector = await openInspector(pid, {
      timeoutMs: INSPECTOR_MS,
      ...(signal && { signal }),
    });
    await using _held = { [Symbol.asyncDispose]: () => releaseAll(inspector).catch(() => {}) };
    const isHealthLate = view.code === 'awaiting-forever' || hints.healthFailed === true;
    using asking = isHealthLate && healthUrl ? askMeanwhile(healthUrl) : null;
    if (asking) await sleep(ARRIVES_MS, undefined, { signal });
    const awaits = await inspectAwaits(inspector, heap === undefined ? {} : { heap });
    const agesMs = requestAges(awaits, seen.sockets, ages);
    const background = Boolean(hints.progressFlatMs || hints.lateWorkMs);
    const isLate = isHealthLate || background || hinted !== null || hasLateRequests(hints);
    const firstOf = asking && healthUrl ? new URL(healthUrl).pathname : undefined;
    const about = { background, firstOf };
    const now = judgeAwaits(awaits, agesMs, about);
    const begun = () => judgeAwaits(awaits.first, agesMs, { ...about, order: 'age' });
    // Of what moves, and of what waits behind it, the reason is where it was when it was seen.
    const movesOn = now ? now.isBehindMoving : isLate;
    const verdict = (movesOn && movedOn(begun(), now)) || now;
    const freed = await freedByLooking(pid, unread);
    if (freed.length > 0) return { ...healed(freed, verdict), frozenMs: awaits.frozenMs };
    const orphaned = awaits.orphans.length;
    if (orphaned > 0 && orphaned >= (verdict?.requests ?? 0)) {
      const isRun = Object.keys(hints).length > 0;
      return { ...orphanedRequests(awaits, agesMs, verdict, isRun), frozenMs: awaits.frozenMs };
    }
    if (view.code === 'stale-claims' && (!verdict || verdict.isResting)) {
      return { evidence: ['no function stands still with any of them'], frozenMs: awaits.frozenMs };
    }
    if (!verdict) {
      return { ...moving(awaits, agesMs, seen, view), ...hinted, frozenMs: awaits.frozenMs };
    }
    if (view.code === 'threadpool-starved') {
      return { ...verdict, ...starved(verdict, seen), frozenMs: awaits.frozenMs };
    }
    const where = await withLocals(inspector, awaits, verdict);
    const [first] = verdict.settlers;
    const peer =
      first?.kind === 'socket'
        ? await peerOf(inspector, awaits.graph, awaits.connections, first.node)
        : null;
    const upstream =
      peer &&
      judgeUpstream(verdict, peer, {
        ...seen,
        ages,
        moves: movesOn,
        silentMs: silenceOf(hints),
        links: hints.links ?? {},
      });
    return { ...verdict, ...upstream, where, frozenMs: awaits.frozenMs };
  } catch (error) {
    if (!(error instanceof HanglabError)) throw error;
    return { ...undecided(view, messageOf(error)), ...hinted, frozenMs: 0 };
  }
}

/** How long the model has been silent, as the run knows it. */
function silenceOf({ modelInFlight = [] }: RunHints): number | undefined {
  const silentMs = modelInFlight.map((each) => each.silentMs);
  return silentMs.length > 0 ? Math.round(Math.max(...silentMs)) : undefined;
}

/** The run holds that they are late: what they stood at is the reason, even if it passes by itself. */
function hasLateRequests({ requestsInFlight = [] }: RunHints): boolean {
  return requestsInFlight.some(({ ageMs }) => ageMs > LATE_MS);
}

function movedOn(first: AwaitVerdict | null, now: AwaitVerdict | null): AwaitVerdict | null {
  if (!first) return null;
  const after = now
    ? `it goes on, and ${now.requests === 1 ? '1 request behind it does' : `${now.requests} requests behind it do`} not`
    : 'two seconds later it had gone on';
  return {
    ...first,
    requests: Math.max(first.requests, now?.requests ?? 0),
    sentence: `${first.sentence.replace(/\.$/, '')}; ${after}.`,
  };
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
  { open, connections }: Awaits,
  sockets: readonly Socket[],
  ages: ReadonlyMap<number, SocketAge>,
): Map<number, number> {
  const byPort = new Map(sockets.map((socket) => [socket.remotePort, socket.inode]));
  const isOpen = new Set(open.map(({ node }) => node));
  return new Map(
    connections.flatMap(({ message, remotePort }) => {
      if (!isOpen.has(message)) return [];
      const inode = byPort.get(remotePort);
      const age = inode === undefined ? undefined : ages.get(inode);
      return age ? [[message, age.receivedMs] as const] : [];
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
  const place = first ? named(first) : sentence;
  return {
    code: 'threadpool-starved',
    sentence: `All ${poolSize} threads of the pool are taken (${busyWorkers} busy), and ${requests} requests wait for one: most of them at ${place}.`,
  };
}

function orphanedRequests(
  { orphans }: Awaits,
  agesMs: ReadonlyMap<number, number>,
  verdict: AwaitVerdict | null,
  isRun: boolean,
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
    evidence: [
      ...(verdict ? [`beside them: ${verdict.sentence}`, ...verdict.evidence] : []),
      howToRetain(isRun),
    ],
  };
}
