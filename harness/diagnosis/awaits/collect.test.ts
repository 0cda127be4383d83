import { expect, test } from 'vitest';
import { outside } from '../fixtures/outside.ts';
import { type Fixture, startFixture } from '../fixtures/start.ts';
import { openInspector } from '../inspector/session.ts';
import { type Awaits, inspectAwaits, type Stuck } from './collect.ts';

test('a deadlocked semaphore: waiters, holder and circle by line', {
  timeout: 60_000,
}, async () => {
  await using server = await startFixture('deadlocked-semaphore');
  for (let i = 0; i < 5; i++) server.ask(`/document-${i}`);
  const awaits = await look(server);
  const at = (mark: string) => standingAt(awaits, server, mark);

  expect(at('waits here')).toHaveLength(4);
  expect(at('stuck here').map(({ frame }) => frame.function)).toEqual(['indexRow']);
  const [holder] = at('holds here');
  const [inner] = at('stuck here');
  expect(awaits.waits.cycle?.toSorted()).toEqual([holder!.node, inner!.node].toSorted());
  for (const { node, settlers } of at('waits here')) {
    expect(settlers.map(({ path }) => path)).toEqual(['engine.#queue']);
    expect(awaits.waits.waiters.get(node)?.servers[0]).toMatchObject({
      functions: [holder!.node],
      because: 'holds',
    });
    expect(awaits.waits.hopeless).toContain(node);
  }
  expect(holder!.requests).toHaveLength(1);
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

async function look(server: Fixture): Promise<Awaits> {
  await fetch(server.healthUrl, { headers: { connection: 'close' } });
  await using inspector = await openInspector(server.pid, { timeoutMs: 20_000 });
  return await inspectAwaits(inspector);
}

function standingAt(awaits: Awaits, server: Fixture, mark: string): Stuck[] {
  return [...awaits.stuck.values()].filter(
    ({ frame }) => frame.file === server.file && frame.line === server.lineOf(mark),
  );
}
