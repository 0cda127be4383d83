/** What the suspended functions say of one process: put together once, for the rules that ask about it. */
import type { AwaitFacts } from '../../facts/await-facts.ts';
import type { Look } from '../../facts/facts.ts';
import { loopState } from '../loop/loop-state.ts';
import type { Case } from '../rule.ts';
import { stuckByRun } from '../run/stuck-by-run.ts';
import { type AwaitView, awaitView } from './await-view.ts';
import { type AwaitVerdict, judgeAwaits } from './verdict.ts';

/** The run holds that a request is late from here on: longer than the time between two looks. */
const LATE_MS = 2500;

export interface AwaitCase {
  facts: AwaitFacts;
  view: AwaitView;
  verdict: AwaitVerdict | null;
  /** Of each open request, how long ago its client last sent a byte. */
  agesMs: ReadonlyMap<number, number>;
  /** What the verdict was asked with. */
  about: { background: boolean; firstOf: string | undefined };
  /** What it waits for goes on, and somebody has waited too long nevertheless. */
  isLate: boolean;
}

/** Only Node's functions can be looked at; of other programs the refusal is evidence. */
export function looksAtAwaits({ process }: Case): boolean {
  return process.runtime === 'node' || process.runtime === 'other';
}

export function awaitsWanted(subject: Case): Look {
  return { kind: 'awaits', askHealth: isHealthLate(subject) && subject.asked.healthUrl !== null };
}

/** The health handler itself waits: its loop turns, and it does not answer. */
export function isHealthLate(subject: Case): boolean {
  return !loopState(subject).turns || subject.hints.healthFailed === true;
}

/** Nothing listens any more where it was healthy: it is to end, and what still waits keeps it. */
export function isClosing({ health }: Case): boolean {
  return Boolean(health?.refused);
}

const known = new WeakMap<Case, AwaitCase>();

/** null when the look was not taken, or refused. */
export function awaitCase(subject: Case): AwaitCase | null {
  const facts = subject.process.awaits;
  if (!facts || facts.refused !== null) return null;
  const before = known.get(subject);
  if (before) return before;
  const made = caseOf(subject, facts);
  known.set(subject, made);
  return made;
}

function caseOf(subject: Case, facts: AwaitFacts): AwaitCase {
  const { hints } = subject;
  const view = awaitView(facts);
  const agesMs = requestAges(subject, facts);
  const background = Boolean(hints.progressFlatMs || hints.lateWorkMs) || isClosing(subject);
  const isWaitedFor =
    isHealthLate(subject) ||
    (background && !isClosing(subject)) ||
    stuckByRun(subject) !== null ||
    (hints.requestsInFlight ?? []).some(({ ageMs }) => ageMs > LATE_MS);
  const about = { background, firstOf: facts.askedPath ?? undefined };
  const now = judgeAwaits(view, agesMs, about);
  // Of what moves, and of what waits behind it, the reason is where it was when it was seen.
  const isLate = now ? now.isBehindMoving : isWaitedFor;
  const begun = isLate ? judgeAwaits(view.first, agesMs, { ...about, order: 'age' }) : null;
  return { facts, view, agesMs, about, isLate, verdict: (begun && resumed(begun, now)) ?? now };
}

function resumed(first: AwaitVerdict, now: AwaitVerdict | null): AwaitVerdict {
  const after = now
    ? `it goes on, and ${now.requests === 1 ? '1 request behind it does' : `${now.requests} requests behind it do`} not`
    : 'at the second look it had gone on';
  return {
    ...first,
    requests: Math.max(first.requests, now?.requests ?? 0),
    sentence: `${first.sentence.replace(/\.$/, '')}; ${after}.`,
  };
}

function requestAges(
  { outside: { sockets, tcp } }: Case,
  { requests }: AwaitFacts,
): Map<number, number> {
  const byPort = new Map(sockets.map((socket) => [socket.remotePort, socket.inode]));
  return new Map(
    requests.flatMap(({ id, clientPort }) => {
      const inode = clientPort === null ? undefined : byPort.get(clientPort);
      const age = inode === undefined ? undefined : tcp[inode];
      return age ? [[id, age.receivedMs] as const] : [];
    }),
  );
}
