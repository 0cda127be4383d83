import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
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

test('a request that came in meanwhile is read before a timer closes its connection', {
  timeout: 30_000,
}, async () => {
  const server = await startImpatient();
  await using inspector = await openInspector(server.pid, { timeoutMs: 20_000 });
  await inspector.send('Debugger.enable');
  const client = connect(server.port, '127.0.0.1');
  onTestFinished(() => void client.destroy());
  expect(await answerTo(client)).toMatch(/^HTTP.1.1 200/);
  const paused = await pauseProcess(inspector);
  const answer = answerTo(client);
  // Longer than the server keeps an idle connection.
  await sleep(700);
  await paused.goOn();
  expect(await answer).toMatch(/^HTTP.1.1 200/);
});

test('it goes on by itself when whoever holds it is late', { timeout: 30_000 }, async () => {
  await using server = await startFixture('healthy');
  await using inspector = await openInspector(server.pid, { timeoutMs: 20_000 });
  await inspector.send('Debugger.enable');
  await using held = await pauseProcess(inspector, { limitMs: 300 });
  expect(await health(server, 10_000)).toBe(200);
  expect(held.isOver()).toBe(true);
});

async function health({ healthUrl }: Fixture, withinMs: number): Promise<number> {
  return (await fetch(healthUrl, { signal: AbortSignal.timeout(withinMs) })).status;
}

/** A server that closes idle connections after a fraction of a second. */
async function startImpatient(): Promise<{ pid: number; port: number }> {
  const program = `
    const server = require('node:http').createServer((_request, response) => response.end());
    server.keepAliveTimeout = 300;
    server.keepAliveTimeoutBuffer = 0;
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  `;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  return { pid: child.pid!, port: Number(String(line)) };
}

/** The first bytes of the answer, on a connection that is kept; what closed it instead. */
async function answerTo(client: Socket): Promise<string> {
  client.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n');
  const ended = once(client, 'close').then(() => ['closed']);
  const [bytes] = await Promise.race([once(client, 'data'), ended]).catch((error) => [error]);
  return String(bytes);
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
