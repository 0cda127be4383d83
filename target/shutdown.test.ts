import { expect, test } from 'vitest';
import { chat, listenTo } from './testing/chat.ts';
import { documentText, eventually, startTarget } from './testing/target.ts';

const GRACE_MS = 2000;

test.each(['SIGTERM', 'SIGINT'] as const)('%s: an idle server ends at once', async (signal) => {
  await using target = await startTarget();
  const startedAt = performance.now();
  expect(await target.kill(signal)).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(GRACE_MS / 2);
});

test('an upload in progress is answered first, and no new one is accepted', async () => {
  await using target = await startTarget();
  target.model.behave(({ schema }) => (schema === 'topics' ? { delayMs: 300 } : null));
  const upload = target.upload('Under way', documentText('under'));
  await eventually(() => target.model.inFlight === 1);
  const ended = target.kill('SIGTERM');
  expect((await upload).status).toBe(201);
  expect(await ended).toBe(0);
  await expect(target.request('/health')).rejects.toThrow();
});

test('with a silent model: uploads are cancelled and answered, and the process ends within the grace period', async () => {
  await using target = await startTarget();
  target.model.behave(() => ({ hold: true }));
  const upload = target.upload('Never', documentText('never'));
  await eventually(() => target.model.inFlight === 1);
  const startedAt = performance.now();
  const ended = target.kill('SIGTERM');
  expect(await upload).toMatchObject({ status: 503, body: { error: { code: 'shutting-down' } } });
  expect(await ended).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(GRACE_MS * 0.75);
});

test('rows in work are put back, not lost: the next start indexes them', async () => {
  await using target = await startTarget();
  target.model.behave(({ link }) => (link === 'embeddings' ? { hold: true } : null));
  await target.upload('Later', documentText('later'));
  await eventually(async () => (await target.counts()).rows.processing === 3);
  expect(await target.kill('SIGTERM')).toBe(0);
  target.model.behave(null);
  await target.restart();
  expect(await eventually(async () => (await target.counts()).rows.indexed === 3)).toBe(true);
});

test('a request that nothing can end does not keep the process', async () => {
  await using target = await startTarget({ defect: 'upload-waits-for-cascade' });
  target.model.behave(({ link }) => (link === 'embeddings' ? { hold: true } : null));
  const upload = target.upload('Stuck', documentText('stuck')).catch(() => null);
  await eventually(async () => (await target.counts()).rows.processing === 3);
  const startedAt = performance.now();
  expect(await target.kill('SIGTERM')).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(GRACE_MS * 1.5);
  await upload;
});

test('open streams, WebSockets and tasks end within the grace period', async () => {
  await using target = await startTarget();
  const { id: sessionId } = (await target.post('/api/v1/sessions', {})).body;
  target.model.behave(({ text }) =>
    text.startsWith('Go on')
      ? { reply: { text: 'x'.repeat(100_000), everyMs: 20 } }
      : { hold: true },
  );
  const turns = Array.from({ length: 8 }, () => chat(target.url, 'Go on.'));
  using listener = await listenTo(target.url);
  using stopped = await listenTo(target.url);
  stopped.socket.pause();
  await target.post('/api/v1/tasks', { kind: 'summarize', sessionId });
  await eventually(() => target.model.inFlight === 9);
  const startedAt = performance.now();
  expect(await target.kill('SIGTERM')).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(GRACE_MS);
  for (const { end, events } of await Promise.all(turns)) {
    expect(end).toBe('error');
    expect(events.at(-1)?.data.code).toBe('shutting-down');
  }
  expect(listener.events.find(({ event }) => event === 'task')?.data).toBeDefined();
  expect(listener.closed).toBe(true);
});
