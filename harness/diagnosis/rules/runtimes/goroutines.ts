/** Go: whether requests, or goroutines that pile up, wait for others, and whether anybody is left who could come. */
import type { DiagnosisCode } from '../../codes.ts';
import type { Frame, Where } from '../../diagnosis.ts';
import type { Goroutine } from '../../facts/runtime-facts.ts';
import { frameLabel } from '../../wording/frame.ts';
import { plural } from '../../wording/numbers.ts';
import { verdictOf, type Wait } from '../decision/decide.ts';
import { liveness } from '../decision/liveness.ts';
import { clientTraffic } from '../decision/traffic.ts';
import type { Case, Rule, Verdict } from '../rule.ts';

/** Reasons that end only when another goroutine acts. */
const WAITS_FOR_OTHERS = /^(sync\.|chan |semacquire|select)/;
const LOCKS = /^(sync\.(RW)?Mutex|semacquire)/;
/** Functions that call the handler of a request: net/http, gRPC, fasthttp. */
const SERVES =
  /^net\/http\.\(\*conn\)\.serve|grpc\.\(\*Server\)\.(handleStream|process)|fasthttp\.\(\*Server\)\.serveConn/;
/** As many senders without a receiver are not one that was forgotten. */
const LEAKING = 3;
/** What one look shows for certain: nobody is left who could end it. */
const STRUCTURE: ReadonlySet<DiagnosisCode> = new Set(['deadlock', 'abandoned-lock', 'task-leak']);
/** A request of its own that waits for its answer; a connection of a pool that it waits for. */
const CALLS =
  /^net\/http\.\(\*(persistConn|http2ClientConn|http2Transport|Transport)\)\.|^internal\/poll\./;
const POOLS = /^database\/sql\.\(\*DB\)\.conn$|pgxpool\.\(\*Pool\)\.Acquire/;
const MAX_EVIDENCE = 5;

export const goroutines: Rule = {
  codes: [
    'deadlock',
    'abandoned-lock',
    'upstream-stalled',
    'pool-exhausted',
    'awaiting-forever',
    'task-leak',
    'waiting',
    'slow-but-live',
    'live',
    'undecided',
  ],
  judge(subject) {
    if (subject.process.runtime !== 'go') return null;
    const facts = subject.process.goroutines;
    if (!facts) return { wants: { kind: 'goroutines' } };
    const code = unlessSilent(subject);
    if (facts.goroutines.length > 0) {
      return { verdict: decided(subject, { code, ...judgeGoroutines(facts.goroutines) }) };
    }
    const sentence = 'Which of its goroutines are stuck could not be seen.';
    const evidence = [`no goroutines: ${facts.because}`];
    return { verdict: { code: 'undecided', isDecided: false, sentence, evidence } };
  },
};

/** What is no structure is a hang only beyond its limit: one look does not tell who is slow from who is stuck. */
export function decided(
  subject: Case,
  found: Verdict,
  structure: ReadonlySet<DiagnosisCode> = STRUCTURE,
): Verdict {
  if (structure.has(found.code)) return found;
  const { connections, oldestMs } = clientTraffic(subject);
  const waits = connections.filter(({ isUnanswered }) => isUnanswered);
  const wait: Wait = {
    ending: found.code === 'awaiting-forever' ? 'inside' : 'outside',
    oldestMs,
    timerMs: null,
    moves: waits.length > 0 && waits.every(({ hasMoved }) => hasMoved),
    isStream: false,
  };
  const isSilent = unlessSilent(subject) !== 'live';
  if (isSilent || found.code === 'live') {
    if (isSilent) return found;
    const { sentence, code, evidence = [], ...rest } = liveness(subject);
    return {
      ...found,
      ...rest,
      code,
      sentence: code === 'live' || !sentence ? (found.sentence ?? '') : sentence,
      evidence: [...(found.evidence ?? []), ...evidence],
    };
  }
  const verdict = waits.length > 0 ? verdictOf(subject, found, wait) : null;
  if (verdict) return verdict;
  const { code, evidence = [], isDecided = true } = liveness(subject);
  return { code, isDecided, evidence: [...(found.evidence ?? []), ...evidence] };
}

/** What the view from outside says, where the look inside knows no better. */
export function unlessSilent({ health }: Case): DiagnosisCode {
  return health?.answered === 0 && !health.refused ? 'awaiting-forever' : 'live';
}

function judgeGoroutines(all: readonly Goroutine[]): Partial<Verdict> {
  const inProgram = all.flatMap((each) => {
    const own = each.frames.find(isOwn);
    return own ? [{ ...each, own }] : [];
  });
  const stuck = inProgram.filter(isStuck);
  // Who waits for somebody outside may be the one that has what the others wait for.
  const groups = groupsOf(stuck).toSorted(
    (a, b) => Number(b.some(isAtCall)) - Number(a.some(isAtCall)),
  );
  const idle = groupsOf(inProgram.filter((each) => !isStuck(each) && isIdle(each)));
  const active = inProgram.filter((each) => !isStuck(each) && !isIdle(each) && !isListening(each));
  const evidence = [
    `${plural(all.length, 'goroutine')}, ${inProgram.length} of them in the program’s own code`,
    ...groupsOf(active)
      .slice(0, MAX_EVIDENCE)
      .map((members) => `goes on: ${groupLine(members)}`),
    ...idle
      .slice(0, MAX_EVIDENCE)
      .map((members) => `waits for work, it seems: ${groupLine(members)}`),
  ];
  const [group] = groups;
  const [first] = group ?? [];
  if (!group || !first) {
    const atWork = groupsOf(active.filter(isServing));
    const most = atWork[0] ? `; ${groupLine(atWork[0])}` : '';
    const sentence = `No request waits for another goroutine${most}.`;
    return { sentence, where: atWork.map(whereOf), evidence };
  }
  const { code, because } = nameOf(first, stuck, groups.length, active.length, idle.flat());
  if (code === 'abandoned-lock' && group.length > 1) {
    evidence.push(
      'which lock each waits for is not known: two that have locked each other’s at the same line look the same',
    );
  }
  const [candidate, ...more] = active;
  const holder: Verdict['holder'] = candidate
    ? {
        kind: 'function',
        sentence: `${more.length === 0 ? 'the only goroutine that goes on' : `one of ${active.length} goroutines that go on, as`} in ${placeOf(candidate)}, which is in ${candidate.reason || 'a core'}`,
        where: more.length === 0 ? candidate.own : null,
      }
    : { kind: 'nobody', sentence: because, where: null };
  return {
    code,
    sentence: `${goroutinesWait(group.length)} in ${first.reason} at ${placeOf(first)}${candidate ? '' : `; ${because}`}.`,
    where: groups.map(whereOf),
    holder,
    evidence,
  };
}

function nameOf(
  { reason, frames }: Goroutine,
  stuck: readonly Goroutine[],
  groups: number,
  active: number,
  idle: readonly Placed[],
): { code: DiagnosisCode; because: string } {
  const isAt = (names: RegExp) => frames.some(({ function: name }) => names.test(name));
  if (isAt(POOLS))
    return { code: 'pool-exhausted', because: 'every connection of its pool is taken' };
  if (isAt(CALLS))
    return { code: 'upstream-stalled', because: 'whom it has asked does not answer' };
  if (active > 0) return { code: 'awaiting-forever', because: '' };
  // One that seems to wait for work may have the lock meanwhile, or be the receiver: but one that waits for its own
  // channel does not receive from another.
  const areSenders = stuck.every((each) => /^chan send/.test(each.reason));
  const other = idle.find((each) => !areSenders || !/^chan receive/.test(each.reason));
  if (other) {
    return {
      code: 'awaiting-forever',
      because: `whether the one at ${placeOf(other)} could end that is not known`,
    };
  }
  // A channel may have its sender among those that only seem to wait for work.
  const isSure = stuck.every((each) => LOCKS.test(each.reason) || /^chan send/.test(each.reason));
  if (LOCKS.test(reason) && !isSure) {
    return { code: 'awaiting-forever', because: `others wait too, at ${groups - 1} more places` };
  }
  if (LOCKS.test(reason)) {
    return groups === 1
      ? {
          code: 'abandoned-lock',
          because: 'no other goroutine is in the program’s code: whoever locked it has returned',
        }
      : {
          code: 'deadlock',
          because: `all others that could unlock it wait too, at ${groups - 1} more places`,
        };
  }
  if (/^chan send/.test(reason) && stuck.length >= LEAKING) {
    return { code: 'task-leak', because: 'no goroutine is left that could receive' };
  }
  return { code: 'awaiting-forever', because: 'no goroutine is left that could come' };
}

function whereOf(members: readonly Placed[]): Where {
  const [first] = members;
  return {
    ...(first?.own as Frame),
    count: members.length,
    ageMs: null,
    chain: (first?.frames ?? []).filter(isOwn).toReversed(),
    waitsFor: first?.reason ?? '',
    locals: [],
  };
}

type Placed = Goroutine & { own: Frame };

/** The largest first. */
function groupsOf(goroutines: readonly Placed[]): Placed[][] {
  return [...Map.groupBy(goroutines, ({ own, reason }) => `${own.file}:${own.line} ${reason}`)]
    .map(([, members]) => members)
    .sort((a, b) => b.length - a.length);
}

/** A lock or a send always has somebody who waits; a worker that waits for work does so forever, rightly. */
function isStuck({ reason, frames }: Goroutine): boolean {
  if (LOCKS.test(reason) || /^chan send|nil chan|no cases/.test(reason)) return true;
  return (WAITS_FOR_OTHERS.test(reason) || /^IO wait/.test(reason)) && isServing({ frames });
}

/** It waits for whom it has asked, or for a connection to them. */
function isAtCall({ reason, frames }: Goroutine): boolean {
  return (
    /^(IO wait|sleep)/.test(reason) ||
    frames.some(({ function: name }) => CALLS.test(name) || POOLS.test(name))
  );
}

function isServing({ frames }: Pick<Goroutine, 'frames'>): boolean {
  return frames.some(({ function: name }) => SERVES.test(name));
}

function isIdle({ reason }: Goroutine): boolean {
  return WAITS_FOR_OTHERS.test(reason);
}

/** It accepts connections, or is `main`, which waits for the server's end. */
function isListening({ id, frames }: Goroutine): boolean {
  return id === 1 || frames.some(({ function: name }) => /Listener\)\.Accept$/i.test(name));
}

function groupLine(members: readonly Placed[]): string {
  const [first] = members;
  return first ? `${members.length} at ${placeOf(first)} in ${first.reason || 'a core'}` : '';
}

function placeOf({ own }: Placed): string {
  return frameLabel(own);
}

function goroutinesWait(count: number): string {
  return count === 1 ? '1 goroutine waits' : `${count} goroutines wait`;
}

function isOwn({ origin }: Frame): boolean {
  return origin === 'program';
}
