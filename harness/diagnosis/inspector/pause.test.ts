import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { type Fixture, startFixture } from '../fixtures/start.ts';
import { pauseProcess } from './pause.ts';
import { openInspector } from './session.ts';

test('nothing of the process runs until it is let go', { timeout: 30_000 }, async () => {
  await using server = await startFixture('healthy');
  await using inspector = await openInspector(server.pid, { timeoutMs: 20_000 });
  await inspector.send('Debugger.enable');
  {
    await using _held = await pauseProcess(inspector);
    await expect(health(server, 500)).rejects.toThrow(/timeout/);
    expect(await inspector.send('Runtime.evaluate', { expression: '6 * 7' })).toMatchObject({
      result: { value: 42 },
    });
  }
  expect(await health(server, 10_000)).toBe(200);
});

test('a process goes on when whoever held it is killed', { timeout: 30_000 }, async () => {
  await using server = await startFixture('healthy');
  const observer = startObserver(server.pid);
  onTestFinished(() => void observer.kill('SIGKILL'));
  await once(observer.stdout!, 'data');
  await expect(health(server, 500)).rejects.toThrow(/timeout/);
  observer.kill('SIGKILL');
  expect(await health(server, 10_000)).toBe(200);
});

test('a busy process can be held again and again', { timeout: 60_000 }, async () => {
  await using server = await startFixture('busy');
  const over = new AbortController();
  const traffic = Array.from({ length: 8 }, async () => {
    while (!over.signal.aborted) await (await fetch(`http://127.0.0.1:${server.port}/`)).text();
  });
  for (let round = 0; round < 15; round++) {
    await using inspector = await openInspector(server.pid, { timeoutMs: 20_000 });
    await inspector.send('Debugger.enable');
    await using _held = await pauseProcess(inspector);
  }
  over.abort();
  await Promise.all(traffic);
});

async function health({ healthUrl }: Fixture, withinMs: number): Promise<number> {
  return (await fetch(healthUrl, { signal: AbortSignal.timeout(withinMs) })).status;
}

/** Says `held` when it holds the process still, and never lets it go. */
function startObserver(pid: number): ChildProcess {
  const program = `
    import { openInspector } from '${import.meta.resolve('./session.ts')}';
    import { pauseProcess } from '${import.meta.resolve('./pause.ts')}';
    const inspector = await openInspector(${pid}, { timeoutMs: 20_000 });
    await inspector.send('Debugger.enable');
    await pauseProcess(inspector);
    console.log('held');
    setInterval(() => {}, 1000);
  `;
  return spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
