import { expect, test } from 'vitest';
import { examined } from '../fixtures/assertions.ts';
import { startFixture } from '../fixtures/start.ts';
import { observe } from './observe.ts';

test('a process that waits for events is seen in its own loop', async () => {
  await using server = await startFixture('healthy');
  await (await fetch(server.healthUrl)).text();
  expect(
    (await observe(server.pid, { windowMs: 300, accept: null }))!.ownLoopShare,
  ).toBeGreaterThan(0.5);
});

test('a synchronous call waits elsewhere', async () => {
  await using server = await startFixture('exec-sync');
  server.ask('/request');
  await expect
    .poll(async () => (await observe(server.pid, { windowMs: 300, accept: null }))!.ownLoopShare, {
      timeout: 30_000,
    })
    .toBe(0);
});

test('a health path that awaits what never comes is no blocked loop', {
  timeout: 60_000,
}, async () => {
  await using server = await startFixture('lost-resolver');
  for (let i = 0; i < 2; i++) server.ask('/request');
  const healthUrl = `http://127.0.0.1:${server.port}/request`;
  const diagnosis = await examined({ pid: server.pid, healthUrl });
  expect(diagnosis.code, diagnosis.evidence.join('\n')).toBe('awaiting-forever');
  expect(diagnosis.where[0]?.line).toBe(server.lineOf('stuck here'));
});
