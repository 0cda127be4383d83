import { execFileSync, spawn } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { startFixture } from '../fixtures/start.ts';
import { openInspector } from '../inspector/session.ts';
import { awaitQuiet, expectedFreezeMs } from './freeze-limit.ts';

test('a snapshot takes longer by the share of a core that the process lacks', () => {
  expect(expectedFreezeMs(25e6, 1)).toBe(1000);
  expect(expectedFreezeMs(25e6, 0.1)).toBe(10_000);
  // Half a core is what a healthy machine may give.
  expect(expectedFreezeMs(25e6, 0.6)).toBe(1000);
});

test('a process that gets hardly any core is not frozen', { timeout: 30_000 }, async () => {
  await using server = await startFixture('healthy');
  await using inspector = await openInspector(server.pid, { timeoutMs: 20_000 });
  expect(await awaitQuiet(inspector, 1e6)).toBeGreaterThan(0);
  // It has to share one core with six others that never rest.
  execFileSync('taskset', ['-acp', '0', String(server.pid)], { stdio: 'ignore' });
  const greedy = ['-c', '0', process.execPath, '-e', 'for (;;);'];
  for (let i = 0; i < 6; i++) {
    const other = spawn('taskset', greedy, { stdio: 'ignore' });
    onTestFinished(() => void other.kill('SIGKILL'));
  }
  await expect(awaitQuiet(inspector, 150e6)).rejects.toThrow(/ % of a core .* the limit is 6 s/);
});
