/** What is an alarm and what is not, over series of samples. */
import { describe, expect, test } from 'vitest';
import { random as seededRandom } from '../../platform/random.ts';
import type { Connections, Counts, HealthSeen, Sample } from '../samples/sample.ts';
import type { Alarm, Rule } from './alarm.ts';
import { episodesOf } from './episodes.ts';
import { healthRule } from './health.ts';
import { onlyGrowsRule } from './only-grows.ts';
import { standsStillRule } from './stands-still.ts';

const COUNTS: Counts = {
  ...{ processes: 1, fds: 30, threads: 11, children: 0, memoryBytes: 60 * 2 ** 20, cpuMs: 0 },
};
const NONE: Connections = { clients: 0, closeWait: 0, backlog: {}, unread: [], unanswered: [] };

const sample = (atMs: number, changed: Partial<Sample> = {}): Sample => ({
  ...{ atMs, health: null, counts: COUNTS, connections: null },
  ...changed,
});
const last = (rule: Rule, samples: readonly Sample[]): readonly Alarm[] =>
  samples.reduce<readonly Alarm[]>((_, each) => rule.hear(each), []);

describe('health', () => {
  const seen = (changed: Partial<HealthSeen>): HealthSeen => ({
    ...{ openMs: 0, last: { latencyMs: 3, status: 200, error: null }, badInRow: 0, wasGood: true },
    ...changed,
  });
  const alarms = (changed: Partial<HealthSeen>) =>
    healthRule(5000).hear(sample(1000, { health: seen(changed) }));

  test('that answers late, but within its limit, is none', () => {
    expect(alarms({ openMs: 4999 })).toEqual([]);
    expect(alarms({ openMs: 5000 })).toMatchObject([{ kind: 'health-silent' }]);
  });

  test('that was given up stays silent until it answers', () => {
    const last = { latencyMs: 30_100, status: null, error: 'no answer' };
    const [alarm] = alarms({ openMs: 0, last, badInRow: 1 });
    expect(alarm?.sentence).toMatch(/has not answered for 30(\.1)? s \(limit 5 s\)/);
  });

  test('is bad only three times in a row, and only where it was well before', () => {
    const last = { latencyMs: 2, status: 503, error: null };
    expect(alarms({ last, badInRow: 2 })).toEqual([]);
    expect(alarms({ last, badInRow: 3, wasGood: false })).toEqual([]);
    const [alarm] = alarms({ last, badInRow: 3 });
    expect(alarm).toMatchObject({ kind: 'health-bad' });
    expect(alarm?.sentence).toContain('3 times in a row (status 503)');
  });
});

describe('what stands still', () => {
  const rule = (requestMs: number | null = null) =>
    standsStillRule({ acceptMs: 10_000, unreadMs: 30_000, requestMs });
  /** A look each 5 s. */
  const looks = (each: readonly Partial<Connections>[]): Sample[] =>
    each.map((changed, i) => sample(i * 5000, { connections: { ...NONE, ...changed } }));

  test('connections that wait at every look, and not those of one crowded look', () => {
    const full = { backlog: { 8080: 3 } };
    expect(last(rule(), looks([full, full, full]))).toMatchObject([
      { kind: 'not-accepting', subject: 'port 8080' },
    ]);
    expect(last(rule(), looks([full, { backlog: { 8080: 0 } }, full, full]))).toEqual([]);
  });

  test('bytes that lie there unchanged; a connection whose bytes come and go is read', () => {
    const unread = (bytes: number) => ({ unread: [{ inode: 7, bytes }] });
    expect(last(rule(), looks(Array(7).fill(unread(100))))).toMatchObject([
      {
        kind: 'not-reading',
        sentence: 'the server has left 100 bytes of 1 client unread for 30 s',
      },
    ]);
    expect(last(rule(), looks(Array(6).fill(unread(100))))).toEqual([]);
    const moving = Array.from({ length: 50 }, (_, i) => unread(60_000 + (i % 3)));
    expect(last(rule(), looks(moving))).toEqual([]);
  });

  test('two looks that are far apart say nothing yet', () => {
    const full = { backlog: { 8080: 3 }, unread: [{ inode: 7, bytes: 100 }] };
    const apart = [0, 60_000].map((atMs) => sample(atMs, { connections: { ...NONE, ...full } }));
    expect(last(rule(), apart)).toEqual([]);
  });

  test('old requests only where somebody said how old they may become', () => {
    const old = looks([{ unanswered: [{ inode: 7, ageMs: 600_000 }] }]);
    expect(last(rule(), old)).toEqual([]);
    expect(last(rule(30_000), old)).toMatchObject([{ kind: 'request-too-old' }]);
  });

  test('holds between two looks at the connections, and is over at the next', () => {
    const stands = rule(30_000);
    const [old, none] = looks([{ unanswered: [{ inode: 7, ageMs: 40_000 }] }, {}]) as [
      Sample,
      Sample,
    ];
    expect(stands.hear(old)).toHaveLength(1);
    expect(stands.hear(sample(1000))).toHaveLength(1);
    expect(stands.hear(none)).toEqual([]);
  });
});

describe('what only grows', () => {
  const WINDOW_MS = 60_000;
  const MINUTES = 60;
  /** A sample each 5 s, for `minutes`. */
  const series = (
    countsAt: (minute: number, random: () => number) => Partial<Counts>,
    seed = 1,
    minutes = MINUTES,
  ): readonly Alarm[][] => {
    const rule = onlyGrowsRule(WINDOW_MS);
    const { next } = seededRandom(seed);
    return Array.from({ length: minutes * 12 }, (_, i) => {
      const minute = i / 12;
      const counts = { ...COUNTS, cpuMs: minute * 600, ...countsAt(minute, next) };
      return [...rule.hear(sample(i * 5000, { counts }))];
    });
  };
  const isAlarm = (heard: readonly Alarm[][]) => heard.some((alarms) => alarms.length > 0);

  test('one descriptor every ten seconds, under a load that comes and goes', () => {
    const heard = series((minute, random) => ({
      fds: 30 + Math.floor(minute * 6) + Math.floor(random() * 40),
    }));
    expect(isAlarm(heard)).toBe(true);
    expect(heard.at(-1)).toMatchObject([{ kind: 'only-grows', asksForDiagnosis: false }]);
    expect(heard.at(-1)?.[0]?.sentence).toMatch(
      /^open descriptors: \d+ → \d+ in 12 min, more in each/,
    );
  });

  test.each<[string, (minute: number, random: () => number) => Partial<Counts>]>([
    ['noise', (_, random) => ({ fds: 30 + Math.floor(random() * 200) })],
    ['a pool that fills', (minute) => ({ fds: 30 + Math.min(100, Math.floor(minute * 10)) })],
    ['a sawtooth', (minute) => ({ memoryBytes: (60 + ((minute * 20) % 180)) * 2 ** 20 })],
    ['a step', (minute) => ({ fds: minute > 20 ? 300 : 30, threads: minute > 40 ? 80 : 11 })],
    [
      'a load that grows',
      (minute) => ({ fds: 30 + Math.floor(minute * 6), cpuMs: 300 * minute ** 2 }),
    ],
    [
      'workers that are replaced',
      (minute) => ({
        processes: 4 + (Math.floor(minute / 8) % 2),
        fds: 30 + Math.floor((minute % 8) * 20),
      }),
    ],
    ['a slow growth of nothing much', (minute) => ({ fds: 1000 + Math.floor(minute) })],
  ])('is not %s', (_name, countsAt) => {
    for (let seed = 1; seed <= 20; seed++) expect(isAlarm(series(countsAt, seed))).toBe(false);
  });

  test('random walks give no alarm in 200', () => {
    const walks = Array.from({ length: 200 }, (_, seed) => {
      let fds = 200;
      return series(
        (_minute, random) => {
          fds = Math.max(10, fds + Math.round((random() - 0.5) * 20));
          return { fds };
        },
        seed,
        30,
      );
    });
    expect(walks.filter(isAlarm)).toHaveLength(0);
  });
});

describe('episodes', () => {
  const alarm: Alarm = { kind: 'health-silent', subject: '', sentence: '', asksForDiagnosis: true };
  const other: Alarm = { ...alarm, kind: 'not-reading' };

  test('an alarm that stays is reported once, and the next not before its time', () => {
    const episodes = episodesOf(600_000);
    const first = episodes.hear([alarm], 0);
    expect([first.begun.length, first.due.length]).toEqual([1, 1]);
    episodes.reported(first.due, 0);
    expect(episodes.hear([alarm], 700_000)).toMatchObject({ begun: [], due: [], over: [] });
    // Reported at 0: what begins within ten minutes waits, and is due as soon as they are over.
    const again = episodesOf(600_000);
    again.reported(again.hear([alarm], 0).due, 0);
    expect(again.hear([other], 60_000)).toMatchObject({ due: [], over: [{ alarm }] });
    expect(again.hear([other], 599_999).due).toEqual([]);
    expect(again.hear([other], 600_000).due).toMatchObject([{ alarm: other }]);
  });

  test('one that has gone meanwhile is never due', () => {
    const episodes = episodesOf(600_000);
    episodes.reported(episodes.hear([alarm], 0).due, 0);
    episodes.hear([other], 10_000);
    expect(episodes.hear([], 20_000).over).toMatchObject([{ alarm: other }]);
    expect(episodes.hear([], 700_000).due).toEqual([]);
  });
});
