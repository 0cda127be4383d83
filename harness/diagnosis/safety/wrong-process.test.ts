/** Nothing but the process that was asked about is signalled, connected to, or opened. */
import { describe, expect, test } from 'vitest';
import { readFds } from '../../platform/procfs/fds.ts';
import { readListeners } from '../../platform/procfs/listeners.ts';
import { readSockets } from '../../platform/procfs/sockets.ts';
import { examined, report } from '../fixtures/assertions.ts';
import { type Fixture, fixtureFile, startFixture, startServer } from '../fixtures/start.ts';
import { cannotRun, freePort, IN_OWN_NETWORK } from '../fixtures/users.ts';

describe.concurrent('an inspector of somebody else', { timeout: 60_000 }, () => {
  test('in another network namespace: the one here on the same port is not touched', async (context) => {
    const why = cannotRun(IN_OWN_NETWORK);
    if (why) return context.skip(why);
    const port = await freePort();
    await using innocent = await startFixture('healthy', {
      env: { NODE_OPTIONS: `--inspect=127.0.0.1:${port}` },
    });
    const file = fixtureFile('lost-resolver');
    await using target = await startServer(file, [...IN_OWN_NETWORK, process.execPath, file], {
      NODE_OPTIONS: `--inspect-port=${port}`,
    });
    const before = listeningOn(target);
    const diagnosis = await examined({ pid: target.pid });
    expect(diagnosis.decided, report(diagnosis)).toBe(false);
    expect(report(diagnosis)).toMatch(/in another network namespace .* nsenter/);
    expect(listeningOn(target)).toEqual(before);
    expect(debuggersOf(innocent, port)).toBe(0);
  });

  test('behind a port of the target: it is told by its number and left alone', async () => {
    await using innocent = await startFixture('healthy', {
      env: { NODE_OPTIONS: '--inspect=127.0.0.1:0' },
    });
    const other = listeningOn(innocent).find((port) => port !== innocent.port)!;
    const port = await freePort();
    await using target = await startFixture('false-inspector', {
      args: [String(port), String(other)],
      env: { ANNOUNCED: `--inspect=127.0.0.1:${port}` },
    });
    target.ask('/request');
    const diagnosis = await examined({ pid: target.pid, healthUrl: target.healthUrl });
    expect(report(diagnosis)).toContain(`belongs to process ${innocent.pid}, not to ${target.pid}`);
    expect(listeningOn(innocent)).toContain(other);
    expect(debuggersOf(innocent, other)).toBe(0);
    expect((await fetch(innocent.healthUrl)).status).toBe(200);
  });

  test('a program that uses SIGUSR1 for itself gets it once, and it is said so', async () => {
    await using server = await startFixture('own-signal');
    server.ask('/request');
    const diagnosis = await examined({ pid: server.pid, healthUrl: server.healthUrl });
    expect(diagnosis.decided, report(diagnosis)).toBe(false);
    expect(report(diagnosis)).toMatch(/uses SIGUSR1 for itself/);
    const signals = await fetch(`http://127.0.0.1:${server.port}/signals`);
    expect(await signals.text()).toBe('1');
  });
});

function listeningOn({ pid }: Fixture): number[] {
  return readListeners(pid).map(({ localPort }) => localPort);
}

/** Connections to its inspector that are still open: a debugger that has left has none. */
function debuggersOf({ pid }: Fixture, port: number): number {
  return readSockets(pid, readFds(pid).socketInodes).filter(
    ({ localPort, state }) => localPort === port && state === 'ESTABLISHED',
  ).length;
}
