import { describe, expect, test, vi } from 'vitest';
import { isLong } from '../../harness/testing/long.ts';
import { LIMIT_MS, onBoth, onBothProcesses, PATIENT } from '../testing/both.ts';
import { chat, listenTo, turnWithin } from '../testing/chat.ts';
import { cpuMs, workerThreadCount } from '../testing/process.ts';
import { longSession } from '../testing/sessions.ts';
import { eventually, type Target, type TargetProcess } from '../testing/target.ts';

vi.setConfig({ testTimeout: 6 * LIMIT_MS });

const TASKS = '/api/v1/tasks';
const ENDLESS = '^(a+)+$';

const submit = (target: Target, sessionId: string, pattern?: string) =>
  target.post(
    TASKS,
    pattern ? { kind: 'find', sessionId, pattern } : { kind: 'summarize', sessionId },
  );

const stateOf = async (target: Target, id: string): Promise<string> =>
  (await target.request(`${TASKS}/${id}`)).body.state;

const endOf = async (target: Target, id: string): Promise<string> => {
  await eventually(async () => !/queued|running/.test(await stateOf(target, id)), LIMIT_MS);
  return stateOf(target, id);
};

/** A session on which the pattern above takes exponential time. */
const trap = async (target: Target): Promise<string> => {
  const messages = [{ role: 'user', text: `${'a'.repeat(60)}b` }];
  return (await target.post('/api/v1/sessions', { messages })).body.id;
};

const isSummary = ({ prompt }: { prompt: string }) => prompt.startsWith('Summarise');

describe.concurrent('tasks', () => {
  test('task-errors-swallowed: a task that fails or is cancelled never ends', async () => {
    const result = await onBoth(
      'task-errors-swallowed',
      async (target) => {
        using listener = await listenTo(target.url);
        const sessionId = await longSession(target, 4);
        const good = (await submit(target, sessionId, 'says')).body.id;
        const bad = (await submit(target, sessionId, '(')).body.id;
        target.model.behave(() => ({ hold: true }));
        const cancelled = (await submit(target, sessionId)).body.id;
        await eventually(() => target.model.inFlight === 1);
        await target.post(`${TASKS}/${cancelled}/cancel`, {});
        const ends = [good, bad, cancelled].map((id) => endOf(target, id));
        const states = await Promise.all(ends);
        const published = listener.events
          .filter(({ event, data }) => event === 'task' && /done|failed|cancel/.test(data.state))
          .map(({ data }) => data.state);
        return { states, published };
      },
      PATIENT,
    );
    const all = ['done', 'failed', 'cancelled'];
    expect(result.healthy).toEqual({ states: all, published: all });
    expect(result.defective).toEqual({
      states: ['done', 'running', 'running'],
      published: ['done'],
    });
  });

  test.runIf(isLong)('handlers-one-by-one: a stalled handler delays all sessions', async () => {
    const result = await onBoth(
      'handlers-one-by-one',
      async (target) => {
        const [stalled, other] = [await longSession(target, 4), await longSession(target, 4)];
        target.model.behave(({ subject }) => (subject === stalled ? { hold: true } : null));
        const first = (await submit(target, stalled)).body.id;
        await eventually(() => target.model.inFlight === 1);
        const beside = (await submit(target, other)).body.id;
        return Promise.all([beside, first].map((id) => endOf(target, id)));
      },
      PATIENT,
    );
    expect(result.healthy).toEqual(['done', 'failed']);
    expect(result.defective).toEqual(['queued', 'running']);
  });

  test('bridge-without-timeout: a task that blocks the thread stops all streams', async () => {
    const result = await onBoth(
      'bridge-without-timeout',
      async (target) => {
        const before = await turnWithin(target.url, 'Hello.', LIMIT_MS);
        await submit(target, await trap(target), ENDLESS);
        const turn = turnWithin(target.url, 'Hello.', LIMIT_MS);
        return { before, during: await turn, health: (await target.request('/health')).status };
      },
      PATIENT,
    );
    expect(result.healthy).toEqual({ before: 'done', during: 'done', health: 200 });
    expect(result.defective).toEqual({ before: 'done', during: 'hangs', health: 200 });
  });

  test('emit-waits-for-client: a client that does not read stops all streams', async () => {
    const experiment = async (target: Target) => {
      using stopped = await listenTo(target.url);
      const before = await turnWithin(target.url, 'Hello.', LIMIT_MS);
      stopped.socket.pause();
      return { before, during: await turnWithin(target.url, 'Hello.', LIMIT_MS) };
    };
    const result = await onBoth('emit-waits-for-client', experiment, PATIENT);
    expect(result.healthy).toEqual({ before: 'done', during: 'done' });
    expect(result.defective).toEqual({ before: 'done', during: 'hangs' });
  });

  test.runIf(isLong)('history-wait-unbounded: a turn waits for a stalled summary', async () => {
    const result = await onBoth(
      'history-wait-unbounded',
      async (target) => {
        target.model.behave((request) => (isSummary(request) ? { hold: true } : null));
        const sessionId = await longSession(target, 60);
        const first = await turnWithin(target.url, 'One.', LIMIT_MS, { sessionId });
        await eventually(() => target.model.inFlight === 1);
        return [first, await turnWithin(target.url, 'Two.', LIMIT_MS, { sessionId })];
      },
      PATIENT,
    );
    expect(result).toEqual({ healthy: ['done', 'done'], defective: ['done', 'hangs'] });
  });
});

describe('threads and CPU time', () => {
  test.runIf(isLong)(
    'timeout-without-cancel: each turn leaves a thread and a model call behind',
    async () => {
      const result = await onBothProcesses(
        'timeout-without-cancel',
        async (target) => {
          target.model.behave((request) => (isSummary(request) ? { hold: true } : null));
          const sessionId = await longSession(target, 60);
          const ends = [];
          for (let n = 0; n < 5; n++)
            ends.push((await chat(target.url, 'Go on.', { sessionId })).end);
          await eventually(() => target.model.inFlight === 0, 3000);
          const { inFlight } = target.model;
          return { ends: ends.join(), inFlight, threads: workerThreadCount(target) };
        },
        PATIENT,
      );
      const ends = 'done,done,done,done,done';
      expect(result.healthy).toEqual({ ends, inFlight: 0, threads: 0 });
      expect(result.defective).toEqual({ ends, inFlight: 5, threads: 5 });
    },
  );

  test('thread-per-session: the thread of a session remains after its deletion', async () => {
    const result = await onBothProcesses(
      'thread-per-session',
      async (target) => {
        for (let n = 0; n < 8; n++) {
          const sessionId = await longSession(target, 4);
          expect(await endOf(target, (await submit(target, sessionId, 'says')).body.id)).toBe(
            'done',
          );
          await target.request(`/api/v1/sessions/${sessionId}`, { method: 'DELETE' });
        }
        await eventually(() => workerThreadCount(target) === 0, 5000);
        return workerThreadCount(target);
      },
      PATIENT,
    );
    expect(result).toEqual({ healthy: 0, defective: 8 });
  });

  const answer = { prose: 'Word after word. ', braces: '{[]}' };
  test.each([
    ['reparse-on-every-chunk', 'prose'],
    ['reparse-on-closing-brace', 'braces'],
  ] as const)('%s: the CPU time of %s grows faster than the answer', async (defect, kind) => {
    const characters = 81_600;
    const result = await onBothProcesses(
      defect,
      async (target: TargetProcess) => {
        const cost = async (length: number) => {
          const text = answer[kind].repeat(length / answer[kind].length);
          const whole = JSON.stringify({ thoughts: [], answer: text });
          target.model.behave(() => ({ reply: { text: whole, chunkCharacters: 11 } }));
          const before = cpuMs(target);
          const got = await chat(target.url, 'Write.', { format: 'steps' });
          expect(got.text).toBe(text);
          return cpuMs(target) - before;
        };
        await cost(characters / 4);
        return { quarter: await cost(characters / 4), whole: await cost(characters) };
      },
      [...PATIENT, '--turn-ms', '60000'],
    );
    expect(result.defective.whole).toBeGreaterThan(3 * result.healthy.whole);
    // Four times the answer: in linear time at most four times the cost.
    expect(result.healthy.whole / result.healthy.quarter).toBeLessThan(5);
    expect(result.defective.whole / result.defective.quarter).toBeGreaterThan(6);
  });
});
