/** `hanglab target` from outside. */
import { expect, it, vi } from 'vitest';
import { startCli, until } from './start-cli.test-helper.ts';

vi.setConfig({ testTimeout: 60_000 });

it('serves until Ctrl-C, then leaves nothing', async () => {
  await using target = startCli(['target']);
  await target.said('Ctrl-C ends both.');
  const url = /target {2}(http:\S+)/.exec(target.text())?.[1];
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect(target.noteListeners()).toBeGreaterThanOrEqual(2);
  target.send('SIGINT');
  expect((await target.exit).code).toBe(130);
  await until(
    () => target.leftovers().length === 0,
    15_000,
    () => target.leftovers().join('\n'),
  );
});

it('says with its last lines that the server has died', async () => {
  await using target = startCli(['target']);
  await target.said('Ctrl-C ends both.');
  const server = target.processes().find(({ command }) => command.includes('target/main'));
  process.kill(server?.pid ?? 0, 'SIGKILL');
  const { code, stderr } = await target.exit;
  expect(stderr).toContain('the target exited unexpectedly (SIGKILL); its last lines:');
  expect(stderr).toContain('"event":"listening"');
  expect(code).toBe(1);
  expect(target.leftovers()).toEqual([]);
});
