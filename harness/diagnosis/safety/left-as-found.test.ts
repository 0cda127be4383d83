/** Whatever ends a look early, it ends soon, and the process goes on as it was. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { readFds } from '../../platform/procfs/fds.ts';
import { readListeners } from '../../platform/procfs/listeners.ts';
import { readLight, readStat } from '../../platform/procfs/process.ts';
import { readSockets } from '../../platform/procfs/sockets.ts';
import { until } from '../fixtures/assertions.ts';
import { QUICK } from '../fixtures/quick.ts';
import { type Fixture, startFixture } from '../fixtures/start.ts';
import { diagnose } from '../index.ts';
import { traceProcess } from '../outside/trace-process.ts';

const SNAPSHOT = /snapshot/;

describe.concurrent('a look that is interrupted', { timeout: 60_000 }, () => {
  test.each([0, 150, 400, 900])('%i ms after it has begun', async (afterMs) => {
    await using server = await startFixture('deadlocked-semaphore');
    server.ask('/request-0');
    const interrupt = new AbortController();
    const diagnosis = diagnose({
      ...QUICK,
      betweenLooksMs: 2000,
      pid: server.pid,
      healthUrl: server.healthUrl,
      signal: interrupt.signal,
      onStep: (step) => {
        if (SNAPSHOT.test(step)) setTimeout(() => interrupt.abort(new Error('Ctrl-C')), afterMs);
      },
    });
    await expect(diagnosis).rejects.toThrow();
    await isAsFound(server);
  });

  test('while it is still watched from outside', async () => {
    await using server = await startFixture('healthy');
    const signal = AbortSignal.timeout(200);
    await expect(diagnose({ pid: server.pid, signal })).rejects.toThrow();
    await isAsFound(server);
  });
});

describe.concurrent('a target', { timeout: 60_000 }, () => {
  test('that is killed in the middle of a look has crashed', async () => {
    await using server = await startFixture('deadlocked-semaphore');
    server.ask('/request-0');
    const { pid, healthUrl } = server;
    const onStep = (step: string) => {
      if (SNAPSHOT.test(step)) setTimeout(() => process.kill(pid, 'SIGKILL'), 300);
    };
    const diagnosis = await diagnose({ ...QUICK, betweenLooksMs: 3000, pid, healthUrl, onStep });
    expect(diagnosis.code, diagnosis.sentence).toBe('crashed');
  });

  test('that somebody stops in the middle of a look stays stopped, and is not waited for', async () => {
    await using server = await startFixture('deadlocked-semaphore');
    server.ask('/request-0');
    const { pid, healthUrl } = server;
    const diagnosis = await Promise.all([
      diagnose({ ...QUICK, betweenLooksMs: 5000, pid, healthUrl }),
      stopWhenConnected(server),
    ]).then(([answer]) => answer);
    expect(diagnosis.decided, diagnosis.sentence).toBe(false);
    expect(readLight(pid)?.state).toBe('T');
    process.kill(pid, 'SIGCONT');
    await isAsFound(server);
  });
});

describe.concurrent('a tracer that does not end', { timeout: 60_000 }, () => {
  const stops = (pid: number) => ['-c', `kill -STOP ${pid}; sleep 60`];

  test('is ended, and does not leave its process stopped', async () => {
    await using server = await startFixture('healthy');
    const { pid } = server;
    const answer = await traceProcess(pid, 'sh', stops(pid), { limitMs: 300 });
    expect(answer).toMatchObject({ wasEnded: true, complaint: 'sh took too long' });
    expect(readStat(pid)?.state).not.toBe('T');
    await isAsFound(server);
  });

  test('nor when it is interrupted', async () => {
    await using server = await startFixture('healthy');
    const { pid } = server;
    const signal = AbortSignal.timeout(300);
    const answer = await traceProcess(pid, 'sh', stops(pid), { signal });
    expect(answer.complaint).toBe('sh was interrupted');
    await isAsFound(server);
  });

  test('leaves a process stopped that was stopped before', async () => {
    await using server = await startFixture('healthy');
    process.kill(server.pid, 'SIGSTOP');
    await until(() => readStat(server.pid)?.state === 'T');
    await traceProcess(server.pid, 'sleep', ['60'], { limitMs: 100 });
    await sleep(100);
    expect(readStat(server.pid)?.state).toBe('T');
  });
});

/** Not at once: the first connection only asks who is there. */
async function stopWhenConnected(server: Fixture): Promise<void> {
  await until(() => hasDebugger(server));
  await sleep(1000);
  await until(() => hasDebugger(server));
  process.kill(server.pid, 'SIGSTOP');
}

/** Somebody is connected to a port of its own that is not the server's. */
function hasDebugger({ pid, port }: Fixture): boolean {
  const sockets = readSockets(pid, readFds(pid).socketInodes);
  const others = sockets.filter(({ state, localPort }) => state === 'LISTEN' && localPort !== port);
  return sockets.some(
    ({ state, localPort }) =>
      state === 'ESTABLISHED' && others.some((other) => other.localPort === localPort),
  );
}

/** It answers, and listens where it did and nowhere else. */
async function isAsFound({ pid, port, healthUrl }: Fixture): Promise<void> {
  const answer = await fetch(healthUrl, { signal: AbortSignal.timeout(15_000) });
  expect(answer.status).toBe(200);
  await until(
    () =>
      readListeners(pid)
        .map(({ localPort }) => localPort)
        .join() === String(port),
  );
}
