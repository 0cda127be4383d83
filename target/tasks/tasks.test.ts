import { expect, test } from 'vitest';
import { listenTo } from '../testing/chat.ts';
import { workerThreadCount } from '../testing/process.ts';
import {
  type Answer,
  eventually,
  startTarget,
  startTargetHere,
  type Target,
} from '../testing/target.ts';

const PATH = '/api/v1/tasks';

/** A pattern that takes exponential time on this text. */
const ENDLESS = '^(a+)+$';
const ENDLESS_TEXT = `${'a'.repeat(60)}b`;

const newSession = async (target: Target, texts = ['One.', 'Two, then one.']): Promise<string> => {
  const messages = texts.map((text) => ({ role: 'user', text }));
  return (await target.post('/api/v1/sessions', { messages })).body.id;
};

const submit = (target: Target, sessionId: string, pattern?: string): Promise<Answer> =>
  target.post(
    PATH,
    pattern ? { kind: 'find', sessionId, pattern } : { kind: 'summarize', sessionId },
  );

const taskOf = async (target: Target, id: string) => (await target.request(`${PATH}/${id}`)).body;

/** The task as it ended. */
async function end(target: Target, { body }: Answer, limitMs = 5000) {
  let task = body;
  await eventually(async () => {
    task = await taskOf(target, body.id);
    return task.endedAt !== null;
  }, limitMs);
  return task;
}

test('a task is accepted, runs, and ends with its result', async () => {
  await using target = await startTargetHere();
  const sessionId = await newSession(target);
  const found = await submit(target, sessionId, '[Oo]ne');
  expect(found).toMatchObject({ status: 202, body: { kind: 'find', sessionId, endedAt: null } });
  expect(found.headers.get('location')).toBe(`${PATH}/${found.body.id}`);
  expect(await end(target, found)).toMatchObject({
    state: 'done',
    error: null,
    result: {
      found: [
        { message: 0, at: 0, text: 'One' },
        { message: 1, at: 10, text: 'one' },
      ],
    },
  });
  const summary = await end(target, await submit(target, sessionId));
  expect(summary.result.summary).toContain('You said');
  const { body } = await target.request(PATH);
  expect(body.tasks).toEqual({ queued: 0, running: 0, done: 2, failed: 0, cancelled: 0 });
  expect(body.items.map(({ kind }: { kind: string }) => kind)).toEqual(['summarize', 'find']);
});

test('every task ends in an event: done, failed, cancelled', async () => {
  await using target = await startTargetHere();
  using listener = await listenTo(target.url);
  const sessionId = await newSession(target, ['Text.', ENDLESS_TEXT]);
  target.model.behave(() => ({ status: 400 }));
  const ends = async (answer: Answer) =>
    (
      await listener.until(
        ({ data }) => data.taskId === answer.body.id && !['queued', 'running'].includes(data.state),
      )
    ).data;

  expect(await ends(await submit(target, sessionId, 'x'))).toMatchObject({ state: 'done' });
  expect(await ends(await submit(target, sessionId, '('))).toMatchObject({
    state: 'failed',
    error: { code: 'bad-pattern' },
  });
  expect(await ends(await submit(target, sessionId))).toMatchObject({
    state: 'failed',
    error: { code: 'model-status' },
  });
  target.model.behave(() => ({ hold: true }));
  const cancelled = await submit(target, sessionId);
  await eventually(() => target.model.inFlight === 1);
  const answer = await target.post(`${PATH}/${cancelled.body.id}/cancel`, {});
  expect(answer).toMatchObject({ status: 200, body: { state: 'cancelled' } });
  expect(await ends(cancelled)).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' } });
  expect(await eventually(() => target.model.inFlight === 0, 2000)).toBe(true);
});

test('a waiting task that is cancelled never runs, and an ended one stays as it is', async () => {
  await using target = await startTargetHere();
  const sessionId = await newSession(target);
  target.model.behave(() => ({ delayMs: 500 }));
  const first = await submit(target, sessionId);
  const second = await submit(target, sessionId);
  await target.post(`${PATH}/${second.body.id}/cancel`, {});
  expect(await end(target, first)).toMatchObject({ state: 'done' });
  expect(await end(target, second)).toMatchObject({ state: 'cancelled' });
  expect(target.model.requests).toHaveLength(1);
  const again = await target.post(`${PATH}/${first.body.id}/cancel`, {});
  expect(again).toMatchObject({ status: 200, body: { state: 'done' } });
});

test('a stalled handler ends at its limit, and delays its own session only', async () => {
  await using target = await startTargetHere({ flags: ['--attempt-ms', '1900'] });
  const stalled = await newSession(target);
  const other = await newSession(target);
  target.model.behave(({ subject }) => (subject === stalled ? { hold: true } : null));
  const first = await submit(target, stalled);
  const behind = await submit(target, stalled, 'One');
  const beside = await end(target, await submit(target, other));
  expect(beside).toMatchObject({ state: 'done' });
  expect(await taskOf(target, first.body.id)).toMatchObject({ state: 'running' });
  expect(await taskOf(target, behind.body.id)).toMatchObject({ state: 'queued' });
  const late = await end(target, first);
  expect(late).toMatchObject({ state: 'failed', error: { code: 'handler-deadline' } });
  const after = await end(target, behind);
  expect(after).toMatchObject({ state: 'done' });
  expect(Date.parse(after.endedAt)).toBeGreaterThanOrEqual(Date.parse(late.endedAt));
});

test('endless patterns end at their limit, on a bounded number of threads', async () => {
  await using target = await startTarget();
  const threads = () => workerThreadCount(target);
  const sessions = await Promise.all(
    Array.from({ length: 6 }, () => newSession(target, [ENDLESS_TEXT])),
  );
  const answers = await Promise.all(sessions.map((id) => submit(target, id, ENDLESS)));
  await eventually(() => threads() > 0);
  const { durationMs } = await target.request('/health');
  expect(durationMs).toBeLessThan(500);
  expect(threads()).toBeLessThanOrEqual(2);
  for (const answer of answers) {
    expect(await end(target, answer)).toMatchObject({
      state: 'failed',
      error: { code: 'handler-deadline' },
    });
  }
  // The threads that were ended are replaced, and idle ones go.
  const fine = await submit(target, sessions[0] as string, 'a');
  expect(await end(target, fine)).toMatchObject({ state: 'done' });
  expect(await eventually(() => threads() === 0, 5000)).toBe(true);
});

test('beyond the limit a task is refused, until others have ended', async () => {
  await using target = await startTargetHere({ flags: ['--tasks-at-once', '2'] });
  const sessionId = await newSession(target);
  target.model.behave(() => ({ delayMs: 300 }));
  const inside = [await submit(target, sessionId), await submit(target, sessionId)];
  const refused = await submit(target, sessionId);
  expect(refused).toMatchObject({ status: 503, body: { error: { code: 'too-many-tasks' } } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  for (const answer of inside) await end(target, answer);
  expect((await submit(target, sessionId)).status).toBe(202);
});

test('readiness reports tasks that do not end', async () => {
  await using target = await startTargetHere({ flags: ['--queue-age-ms', '300'] });
  target.model.behave(() => ({ hold: true }));
  await submit(target, await newSession(target));
  const reasons = async () => (await target.request('/ready')).body.reasons.join();
  expect(await eventually(async () => (await reasons()).includes('tasks: '))).toBe(true);
  target.model.behave(null);
  expect(await eventually(async () => !(await reasons()).includes('tasks: '))).toBe(true);
});

test('invalid tasks are refused', async () => {
  await using target = await startTargetHere();
  const sessionId = await newSession(target);
  const bad = (body: object) => target.post(PATH, body).then(({ status }) => status);
  expect(await bad({ kind: 'find', sessionId })).toBe(400);
  expect(await bad({ kind: 'paint', sessionId })).toBe(400);
  expect(await bad({ kind: 'summarize', sessionId: 's_000000000000' })).toBe(404);
  expect((await target.request(`${PATH}/k_0`)).status).toBe(404);
  expect((await target.post(`${PATH}/k_0/cancel`, {})).status).toBe(404);
});
