/**
 * The same names on other versions of Node. Which: the executables that HANGLAB_OTHER_NODES lists,
 * separated by colons.
 */
import { execFileSync } from 'node:child_process';
import { describe, test } from 'vitest';
import { busy, examined, expectNamed } from './fixtures/assertions.ts';
import { RUNNING, WAITING } from './fixtures/servers.ts';
import { startFixture } from './fixtures/start.ts';

const nodes = (process.env.HANGLAB_OTHER_NODES ?? '').split(':').filter((path) => path !== '');
const named = <T extends { name: string }>(servers: readonly T[], ...names: string[]): T[] =>
  servers.filter(({ name }) => names.includes(name));

const WAITING_SAMPLE = named(
  WAITING,
  ...['deadlocked-semaphore', 'mutex-cycle', 'lost-resolver', 'unread-body', 'orphaned', 'healthy'],
);
const RUNNING_SAMPLE = named(RUNNING, 'regex', 'exec-sync');

if (nodes.length === 0) test.skip('HANGLAB_OTHER_NODES names no other Node', () => {});

for (const node of nodes) {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();

  describe.concurrent(`waiting servers on Node ${version}`, { timeout: 120_000 }, () => {
    test.for(WAITING_SAMPLE)('$name: $code', async (expected) => {
      await using server = await startFixture(expected.name, { runtime: node });
      for (let i = 0; i < 4; i++) server.ask(`/request-${i}`);
      const isLive = expected.code.endsWith('live');
      const diagnosis = await examined({
        pid: server.pid,
        healthUrl: server.healthUrl,
        // The requests are older than this when they are looked at.
        ...(!isLive && { requestLimitMs: 500 }),
      });
      expectNamed(diagnosis, server, expected);
    });
  });

  describe(`running servers on Node ${version}`, { timeout: 120_000 }, () => {
    test.for(RUNNING_SAMPLE)('$name: $code', async (expected) => {
      await using server = await startFixture(expected.name, { runtime: node });
      server.ask('/request');
      await busy(server.pid);
      const diagnosis = await examined({ pid: server.pid, healthUrl: server.healthUrl });
      expectNamed(diagnosis, server, expected);
    });
  });
}
