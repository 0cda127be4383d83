import { expect, test } from 'vitest';
import { outside } from '../fixtures/outside.ts';
import { type Fixture, startFixture } from '../fixtures/start.ts';
import { openInspector } from '../inspector/session.ts';
import { type AwaitLook, inspectAwaits } from './collect.ts';

test('a deadlocked semaphore: who waits, who has taken the permit, for which request', {
  timeout: 60_000,
}, async () => {
  await using server = await startFixture('deadlocked-semaphore');
  for (let i = 0; i < 5; i++) server.ask(`/document-${i}`);
  const { functions, locks, requests } = (await look(server)).facts;
  const at = (mark: string) =>
    functions.filter(
      ({ frame }) => frame.file === server.file && frame.line === server.lineOf(mark),
    );

  expect(at('waits here')).toHaveLength(4);
  expect(at('stuck here').map(({ frame }) => frame.function)).toEqual(['indexRow']);
  const [holder] = at('holds here');
  const [lock] = locks;
  expect(locks).toHaveLength(1);
  expect(lock!.takenBy.map((taken) => taken.function)).toEqual([holder!.id]);
  for (const { resolvers, hasMoved, call } of at('waits here')) {
    expect(resolvers.map(({ id, path, kind }) => [id, path, kind])).toEqual([
      [lock!.id, 'engine.#queue', 'object'],
    ]);
    expect(call).toEqual({ receiver: 'engine', method: 'acquire' });
    expect(hasMoved).toBe(false);
  }
  expect(holder!.resolvers.map(({ id }) => id)).toEqual(at('stuck here').map(({ id }) => id));
  expect(holder!.requests).toHaveLength(1);
  expect(requests.map(({ path }) => path).toSorted()).toEqual(
    [0, 1, 2, 3, 4].map((i) => `/document-${i}`),
  );
});

test('looking leaves the process as it was', { timeout: 60_000 }, async () => {
  await using server = await startFixture('deadlocked-semaphore');
  server.ask('/document');
  await look(server);
  const before = outside(server.pid);
  await look(server);
  expect(outside(server.pid)).toEqual(before);
  expect((await fetch(server.healthUrl)).status).toBe(200);
});

async function look(server: Fixture): Promise<AwaitLook> {
  await fetch(server.healthUrl, { headers: { connection: 'close' } });
  await using inspector = await openInspector(server.pid, { timeoutMs: 20_000 });
  return await inspectAwaits(inspector, { apartMs: 300 });
}
