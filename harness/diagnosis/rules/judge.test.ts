/** Every code is the answer to some facts, and every rule that can give it says so. Nothing runs here. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DIAGNOSIS_CODES, type DiagnosisCode } from '../codes.ts';
import type { AwaitFacts } from '../facts/await-facts.ts';
import type { Facts } from '../facts/facts.ts';
import { type Changes, recorded, recordedWith } from '../fixtures/recorded.ts';
import { diagnosisOf } from '../index.ts';
import { PLAIN_SENTENCES } from '../wording/codes.ts';
import { judge, RULES } from './judge.ts';

const SILENT = { answered: 0, worstMs: 2000, status: null };
const IDLE = { states: { S: 1 }, mainShare: 0, queuedShare: 0 };
const BUSY = {
  states: { R: 1 },
  mainShare: 0.98,
  processShare: 1,
  queuedShare: 0,
  ownLoopShare: 0,
};
const native = (...frames: string[]): NonNullable<Changes['process']> => ({
  native: { looks: Array(9).fill({ tool: 'eu-stack', frames }), missing: null },
  javascript: { refused: null, frames: null },
});
const upstream = (recordedWith('silent-upstream', {}).processes[0]!.awaits as AwaitFacts).peers;
const [peerId] = Object.keys(upstream).map(Number);
const silentSocket = recorded('silent-upstream').processes[0]!.outside!.sockets.find(
  ({ remotePort }) => remotePort === upstream[peerId!]!.remotePort,
)!;
/** So short a limit that the recorded requests are older. */
const LATE = { requestLimitMs: 100 };
/** The upstream's socket in another state, and the request beyond its limit. */
const socketInState = (changes: Partial<typeof silentSocket>): Facts => {
  const { sockets } = recorded('silent-upstream').processes[0]!.outside!;
  const changed = sockets.map((each) =>
    each.inode === silentSocket.inode ? { ...each, ...changes } : each,
  );
  return recordedWith('silent-upstream', { asked: LATE, outside: { sockets: changed } });
};
const resting = { fds: 20, threads: 7, children: 0, sockets: 2 };
const drained = (baseline: object): Changes => ({
  hints: { quiesced: true, baseline: { ...resting, ...baseline } },
  outside: { threads: [{ name: 'indexer', count: 30 }] },
});
const child = { pid: 1, parent: 2, state: 'S', command: 'worker', ageMs: 9000 };

/** One example of each code; the compiler misses none. */
const EXAMPLES: Record<DiagnosisCode, () => Facts> = {
  crashed: () => recordedWith('healthy', { outside: { alive: false } }),
  stopped: () => recordedWith('healthy', { outside: { states: { T: 1 } } }),
  'kernel-io': () => recordedWith('healthy', { outside: { states: { D: 0.9, S: 0.1 } } }),
  'event-loop-blocked': () => recorded('regex'),
  'event-loop-saturated': () =>
    recordedWith('healthy', {
      health: SILENT,
      outside: { ...BUSY, systemShare: 0.8 },
      process: native('write'),
    }),
  'gc-thrash': () =>
    recordedWith('healthy', {
      health: SILENT,
      outside: { ...BUSY, processShare: 1.8 },
      process: native('v8::internal::Heap::CollectGarbage'),
    }),
  'blocked-in-sync-call': () =>
    recordedWith('healthy', {
      health: SILENT,
      outside: { ...IDLE, ownLoopShare: 0, waitsIn: 'futex_wait', children: [child] },
      process: native('SyncProcessRunner::Run'),
    }),
  'host-starved': () =>
    recordedWith('healthy', {
      health: { ...SILENT, controlMs: 1500 },
      outside: { queuedShare: 0.7 },
    }),
  'saturated-but-live': () =>
    recordedWith('healthy', { outside: BUSY, process: native('uv__run_check') }),
  'threadpool-starved': () => recordedWith('healthy', { outside: { busyWorkers: 4 } }),
  'pool-exhausted': () =>
    recordedWith('silent-upstream', {
      asked: LATE,
      awaits: { peers: { [peerId!]: { ...upstream[peerId!]!, queuedBehind: 2 } } },
    }),
  'upstream-stalled': () => recordedWith('silent-upstream', { asked: LATE }),
  'body-unread': () => socketInState({ receiveQueueBytes: 900 }),
  'half-closed': () => socketInState({ state: 'CLOSE_WAIT' }),
  'backpressure-growth': () => {
    const { outside } = recorded('healthy').processes[0]!;
    const [listener] = outside!.sockets.filter(({ state }) => state === 'LISTEN');
    const full = { ...listener!, state: 'ESTABLISHED', sendQueueBytes: 2e6, inode: 1 };
    const last = { ...outside!.last, rssBytes: outside!.first.rssBytes + 50e6 };
    return recordedWith('healthy', { outside: { sockets: [listener!, full], last } });
  },
  'pipe-full': () =>
    recordedWith('healthy', {
      health: SILENT,
      outside: { ...IDLE, ownLoopShare: 0, waitsIn: 'pipe_write' },
    }),
  deadlock: () => recorded('deadlocked-semaphore'),
  'abandoned-lock': () => recorded('abandoned-lock'),
  'awaiting-forever': () => recordedWith('healthy', { health: SILENT }),
  'waiting-on-timer': () => waitingFor('timer'),
  waiting: () => recordedWith('silent-upstream', { asked: { requestLimitMs: 60_000 } }),
  undecided: () =>
    recordedWith('healthy', { process: { awaits: { refused: 'process 1 is not Node' } } }),
  orphaned: () => recorded('orphaned'),
  'stale-claims': () =>
    recordedWith('healthy', { hints: { staleClaims: { count: 2, oldestMs: 9000 } } }),
  'fd-leak': () => withLast({ fds: 90 }),
  'socket-leak': () => {
    const { outside } = recorded('healthy').processes[0]!;
    const sockets = Array.from({ length: 30 }, (_, inode) => ({
      ...silentSocket,
      state: 'CLOSE_WAIT',
      inode,
    }));
    const last = { ...outside!.last, fds: 50 };
    return recordedWith('healthy', { ...drained({}), outside: { sockets, last } });
  },
  'thread-leak': () => withLast({ threads: 40 }),
  'task-leak': () => goWith('chan send'),
  'child-leak': () => withLast({ children: 12 }),
  'heap-leak': () =>
    recordedWith('healthy', {
      hints: {
        quiesced: true,
        restingRssBytes: [90, 100, 110, 125, 140, 160].map((mb) => mb * 1e6),
      },
    }),
  'slow-but-live': () => recordedWith('healthy', { health: { worstMs: 1400 } }),
  live: () => recorded('healthy'),
};

/** After the load has drained, so much is left. */
function withLast(changes: object): Facts {
  const { outside } = recorded('healthy').processes[0]!;
  const base = drained({});
  const last = { ...outside!.last, ...resting, ...changes };
  return recordedWith('healthy', { ...base, outside: { ...base.outside, last, sockets: [] } });
}

function waitingFor(kind: 'timer'): Facts {
  const { functions } = recorded('abandoned-lock').processes[0]!.awaits as AwaitFacts;
  const resolver = { kind, id: 1, className: 'Timeout', path: '', all: false };
  const awaits = { functions: functions.map((each) => ({ ...each, resolvers: [resolver] })) };
  return recordedWith('abandoned-lock', { awaits, asked: LATE });
}

function goWith(reason: string): Facts {
  const { goroutines } = recorded('go-locked-mutex').processes[0]!.goroutines!;
  const stuck = goroutines.find((each) => each.reason.startsWith('sync.'))!;
  const many = Array.from({ length: 4 }, (_, id) => ({ ...stuck, id: 100 + id, reason }));
  return recordedWith('go-locked-mutex', {
    process: { goroutines: { goroutines: many, because: '' } },
  });
}

describe('every code', () => {
  test.each(DIAGNOSIS_CODES)('%s', (code) => {
    const { diagnosis, wants } = judge(EXAMPLES[code]());
    expect(diagnosis.code, [diagnosis.sentence, ...diagnosis.evidence].join('\n')).toBe(code);
    expect(wants.filter(({ look }) => look.kind !== 'locals')).toEqual([]);
    expect(diagnosis.ruledOut.map((each) => each.code)).not.toContain(code);
    expect(PLAIN_SENTENCES[code]).toMatch(/\.$/);
  });

  test('has a rule that may answer with it, and no rule answers with another', () => {
    expect(new Set(RULES.flatMap(({ codes }) => codes))).toEqual(new Set(DIAGNOSIS_CODES));
    for (const code of DIAGNOSIS_CODES) {
      const { process, ...facts } = subjectOf(EXAMPLES[code]());
      const answering = RULES.find((rule) => rule.judge({ process, ...facts })?.verdict);
      expect(answering?.codes, code).toContain(code);
    }
  });
});

function subjectOf({ processes, health, hints, asked }: Facts) {
  const [process] = processes;
  return { process: process!, outside: process!.outside!, health, hints, asked };
}

test('the documentation has a section for each code', () => {
  const text = readFileSync(new URL('../../../docs/diagnosis.md', import.meta.url), 'utf8');
  const sections = [
    ...text.matchAll(/^## `([\w-]+)`\n\n.+\n\n\*What usually helps:\* .+\n\n\*Example:\* .+/gm),
  ];
  expect(new Set(sections.map(([, code]) => code))).toEqual(new Set(DIAGNOSIS_CODES));
});

describe('recorded servers of other runtimes', () => {
  test.each([
    ['python-deadlock', 'deadlock', 'index_row'],
    ['java-deadlock', 'deadlock', 'Monitors.both'],
    ['go-locked-mutex', 'abandoned-lock', 'main.handle'],
  ] as const)('%s: %s at %s', (name, code, place) => {
    const diagnosis = diagnosisOf(recorded(name));
    expect(diagnosis).toMatchObject({ code, decided: true });
    expect(diagnosis.where[0]?.function).toBe(place);
  });
});

describe('a first thread that seldom sleeps', () => {
  test.each([
    ['runs and answers', { ran: 0.9, queued: 0 }, 3, 'saturated-but-live'],
    ['runs whenever it has a core', { ran: 0.5, queued: 0.48 }, 3, 'saturated-but-live'],
    ['has time left, but seldom a core', { ran: 0.49, queued: 0.39 }, 3, 'live'],
    ['has no core, and does not answer', { ran: 0.49, queued: 0.39 }, 0, 'event-loop-blocked'],
  ] as const)('%s', (_, { ran, queued }, answered, code) => {
    const facts = recordedWith('healthy', {
      health: { answered, worstMs: 5, controlMs: 5 },
      outside: {
        samples: 7,
        states: { R: ran + queued, S: 1 - ran - queued },
        ...{ mainShare: ran, queuedShare: queued, systemShare: 0.2, busyWorkers: 0 },
      },
      process: native('uv__run_check'),
    });
    expect(judge(facts).diagnosis.code).toBe(code);
  });
});

test('two samples on a machine that gives nobody a core do not make a loop saturated', () => {
  const outside = { samples: 2, states: { R: 1 }, mainShare: 0.01, queuedShare: 0.11 };
  expect(judge(recordedWith('deadlocked-semaphore', { outside })).diagnosis.code).toBe('deadlock');
});

describe('a request that waits for something that may still come', () => {
  const waiting = (changes: Changes) => judge(recordedWith('silent-upstream', changes)).diagnosis;

  test('is undecided until its limit, and says when to look again', () => {
    const diagnosis = waiting({ asked: { requestLimitMs: 60_000 } });
    expect(diagnosis).toMatchObject({ code: 'waiting', decided: false });
    expect(diagnosis.sentence).toMatch(/its limit is 60\.0 s\. Look again in 5\d\.\d s/);
    expect(diagnosis.where[0]?.function).toBe('chunks');
  });

  test('is stalled beyond it', () => {
    expect(waiting({ asked: { requestLimitMs: 100 } })).toMatchObject({
      code: 'upstream-stalled',
      decided: true,
    });
  });

  test('is stalled where a run knows that it is late', () => {
    const requestsInFlight = [{ operation: 'ask', subject: null, ageMs: 90_000 }];
    const hints = { requestLimitMs: 60_000, requestsInFlight };
    expect(waiting({ hints }).code).toBe('upstream-stalled');
  });

  test('never makes a structure less than it is', () => {
    const facts = recordedWith('deadlocked-semaphore', { asked: { requestLimitMs: 60_000 } });
    expect(judge(facts).diagnosis).toMatchObject({ code: 'deadlock', decided: true });
  });
});

describe('memory at rest', () => {
  const grows = (...megabytes: number[]) =>
    judge(
      recordedWith('healthy', {
        hints: { quiesced: true, restingRssBytes: megabytes.map((mb) => mb * 1e6) },
      }),
    ).diagnosis.code;

  test('is no leak when it grows once, falls between, or grows by little', () => {
    expect(grows(90, 200)).toBe('live');
    expect(grows(90, 100, 130, 120, 140, 160)).toBe('live');
    expect(grows(90, 100, 101, 102, 103, 104)).toBe('live');
  });
});

test('of a tree, the process that hangs is the answer, not the one that was asked about', () => {
  const healthy = recorded('healthy');
  const stuck = recorded('deadlocked-semaphore').processes[0]!;
  const { diagnosis } = judge({ ...healthy, processes: [...healthy.processes, stuck] });
  expect(diagnosis).toMatchObject({ pid: stuck.pid, code: 'deadlock' });
});

test('a look that is missing is asked for, and without it nothing is decided', () => {
  const facts = recordedWith('deadlocked-semaphore', {});
  const { awaits: _, ...process } = facts.processes[0]!;
  const { diagnosis, wants } = judge({ ...facts, processes: [process] });
  expect(wants).toEqual([{ pid: process.pid, look: { kind: 'awaits', askHealth: false } }]);
  expect(diagnosis.decided).toBe(false);
});

describe('what is shown', () => {
  test('files relative to a folder, in every field and sentence, and nothing else', () => {
    const facts = recorded('deadlocked-semaphore');
    const whole = diagnosisOf(facts);
    const shown = diagnosisOf(facts, '/srv/app');
    const file = 'harness/diagnosis/fixtures/node/deadlocked-semaphore.mjs';
    expect(whole.where[0]?.file).toBe(`/srv/app/${file}`);
    expect(shown.where[0]?.file).toBe(file);
    expect(shown.where[0]?.chain[0]?.file).toBe(file);
    expect(shown.holder?.where?.file).toBe(file);
    expect(shown.sentence).toContain(`(${file}:`);
    expect(JSON.stringify(shown)).not.toContain('/srv/app');
    expect(shown.where.map(({ line }) => line)).toEqual(whole.where.map(({ line }) => line));
    expect(diagnosisOf(facts, '/srv')).toMatchObject({ where: [{ file: `app/${file}` }, {}] });
    expect(diagnosisOf(facts, '/')).toEqual(whole);
    expect(diagnosisOf(facts, '/app')).toEqual(whole);
  });

  test('no control character of the target', () => {
    const { functions } = recorded('abandoned-lock').processes[0]!.awaits as AwaitFacts;
    const named = functions.map((each) => ({
      ...each,
      frame: { ...each.frame, function: 'a\u001b[2J\u009b31m\u202eb' },
    }));
    const diagnosis = diagnosisOf(recordedWith('abandoned-lock', { awaits: { functions: named } }));
    expect(diagnosis.where[0]?.function).toBe('a?[2J?31m?b');
    expect(JSON.stringify(diagnosis)).not.toMatch(/[\u001b\u009b\u202e]|\\u00(1b|9b)/);
  });
});
