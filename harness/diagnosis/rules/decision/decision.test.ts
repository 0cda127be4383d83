/** Hung, waiting or live: from the kernel's counters and from what a look inside has found. Nothing runs here. */
import { describe, expect, test } from 'vitest';
import type { Socket } from '../../../platform/procfs/sockets.ts';
import type { OutsideFacts, TcpInfo } from '../../facts/outside-facts.ts';
import { recorded } from '../../fixtures/recorded.ts';
import type { Case } from '../rule.ts';
import { decide, verdictOf, type Wait } from './decide.ts';
import { requestLimit } from './limit.ts';
import { liveness } from './liveness.ts';
import { clientTraffic } from './traffic.ts';

const LIMIT = { ms: 30_000, from: 'default' } as const;
const silent: Wait = {
  ending: 'outside',
  oldestMs: 40_000,
  timerMs: null,
  moves: false,
  isStream: false,
};

describe('a wait', () => {
  test.each([
    ['that nobody can end, however young', { ending: 'nobody', oldestMs: 100 }, 'hung'],
    ['beyond the limit', {}, 'hung'],
    ['below the limit', { oldestMs: 29_000 }, 'waiting'],
    ['of an age that is not known', { oldestMs: null }, 'waiting'],
    ['beyond the limit, and bytes move', { moves: true }, 'live'],
    ['beyond the limit, and a timer ends it soon', { timerMs: 5000 }, 'waiting'],
    ['beyond the limit, and a timer ends it in minutes', { timerMs: 260_000 }, 'hung'],
    ['of a stream for an event from inside', { ending: 'inside', isStream: true }, 'live'],
    ['of a stream for an upstream', { isStream: true }, 'hung'],
    ['of a plain request for an event from inside', { ending: 'inside' }, 'hung'],
  ] as const)('%s', (_, changes, decision) => {
    expect(decide({ ...silent, ...changes }, LIMIT)).toBe(decision);
  });

  test('says for what it waits, how old it is, and when to look again', () => {
    const asked = { ...recorded('healthy').asked, requestLimitMs: null };
    const hang = { code: 'upstream-stalled', sentence: '1 request waits: ask waits for llm.' };
    const young = { ...silent, oldestMs: 6000 };
    const verdict = verdictOf({ asked, hints: {} }, hang as never, young);
    expect(verdict).toMatchObject({ code: 'waiting', isDecided: false });
    expect(verdict?.sentence).toBe(
      '1 request waits: ask waits for llm: it may still answer. The oldest request is 6.0 s old, its limit is 30.0 s (the default). Look again in 25.0 s, or give --request-limit.',
    );
    expect(verdictOf({ asked, hints: {} }, hang as never, silent)).toEqual(hang);
    const unknown = verdictOf({ asked, hints: {} }, hang as never, { ...silent, oldestMs: null });
    expect(unknown?.sentence).toContain('`--watch-for 30s` would decide');
  });

  test('the limit is the one given, else the target’s own, else 30 s', () => {
    const asked = recorded('healthy').asked;
    const hints = { requestLimitMs: 2000 };
    expect(requestLimit({ asked: { ...asked, requestLimitMs: 500 }, hints }).ms).toBe(500);
    expect(requestLimit({ asked: { ...asked, requestLimitMs: null }, hints }).ms).toBe(2000);
    expect(requestLimit({ asked: { ...asked, requestLimitMs: null }, hints: {} }).ms).toBe(30_000);
  });
});

/** A client's connection: how long ago the last byte came in and went out, and how many did, at the first look and the last. */
type Counters = [receivedMs: number, sentMs: number, bytesReceived: number, bytesAcked: number];
const info = ([receivedMs, sentMs, bytesReceived, bytesAcked]: Counters): TcpInfo => ({
  receivedMs,
  sentMs,
  bytesReceived,
  bytesAcked,
});

function subjectWith(first: (Counters | null)[], last: (Counters | null)[]): Case {
  const { asked, health, hints, processes } = recorded('healthy');
  const [process] = processes;
  const listener = process!.outside!.sockets.find(({ state }) => state === 'LISTEN') as Socket;
  const rowsOf = (all: (Counters | null)[]) => ({
    sockets: [
      listener,
      ...all.flatMap((each, i): Socket[] =>
        each ? [{ ...listener, state: 'ESTABLISHED', inode: i + 1, remotePort: 40_000 + i }] : [],
      ),
    ],
    tcp: Object.fromEntries(all.flatMap((each, i) => (each ? [[i + 1, info(each)]] : []))),
  });
  const [before, after] = [rowsOf(first), rowsOf(last)];
  const outside: OutsideFacts = {
    ...process!.outside!,
    firstSockets: before.sockets,
    firstTcp: before.tcp,
    ...after,
  };
  return { process: process!, outside, asked: { ...asked, requestLimitMs: null }, health, hints };
}

describe('from outside', () => {
  const waits: Counters = [3000, 5000, 90, 1];
  const waitsOn: Counters = [5500, 7500, 90, 1];
  const answered: Counters = [400, 100, 90, 200];

  test('a client that spoke last waits, for so long', () => {
    const traffic = clientTraffic(subjectWith([waits, answered], [waitsOn, answered]));
    expect(traffic).toMatchObject({ isKnown: true, ended: 0, oldestMs: 5500 });
    expect(traffic.connections.map((each) => [each.isUnanswered, each.hasMoved])).toEqual([
      [true, false],
      [false, false],
    ]);
  });

  test('one that asked in the tick in which it connected waits too', () => {
    const asked: Counters = [3000, 3000, 90, 1];
    const old: Counters = [5500, 5500, 90, 1];
    expect(clientTraffic(subjectWith([asked], [old])).oldestMs).toBe(5500);
    const sent: Counters = [5500, 5500, 90, 200];
    expect(clientTraffic(subjectWith([sent], [sent])).oldestMs).toBe(null);
  });

  test('one that was answered, has gone, or asked anew and was answered, has ended', () => {
    const subject = subjectWith(
      [waits, waits, answered, waits],
      [[2600, 100, 90, 200], null, [600, 500, 180, 400], waitsOn],
    );
    expect(clientTraffic(subject).ended).toBe(3);
  });

  test('it lives when no request is open', () => {
    expect(liveness(subjectWith([answered], [answered])).code).toBe('live');
  });

  test('it lives when others were seen ending, and none is beyond its limit', () => {
    const last: Counters[] = [[2600, 100, 90, 200], waitsOn];
    expect(liveness(subjectWith([waits, waits], last))).toMatchObject({ code: 'slow-but-live' });
    const old: Counters = [45_000, 50_000, 90, 1];
    const overdue = liveness(subjectWith([waits, old], [[2600, 100, 90, 200], old]));
    expect(overdue).toMatchObject({ code: 'undecided', isDecided: false });
    expect(overdue.sentence).toMatch(/^1 request waits, the oldest for 45\.0 s, beyond the limit/);
  });

  test('one request that none was seen ending beside is waiting, not live', () => {
    const verdict = liveness(subjectWith([waits], [waitsOn]));
    expect(verdict).toMatchObject({ code: 'waiting', isDecided: false });
    expect(verdict.sentence).toMatch(/5\.5 s old, its limit is 30\.0 s .* Look again in 25\.5 s/);
  });

  test('without the kernel’s counters nothing is decided', () => {
    const subject = subjectWith([waits], [waitsOn]);
    const outside = { ...subject.outside, tcp: {}, firstTcp: {} };
    expect(liveness({ ...subject, outside })).toMatchObject({ code: 'undecided' });
  });
});
