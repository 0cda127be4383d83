import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { identify, isStill, signalProcess } from './identity.ts';
import { readStatus, sharesNamespace } from './status.ts';

test('a number that belongs to another process now is not signalled', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const identity = identify(child.pid!)!;
  expect(isStill(identity)).toBe(true);
  expect(signalProcess({ ...identity, startTicks: identity.startTicks - 1 }, 'SIGKILL')).toBe(
    false,
  );
  expect(isStill(identity)).toBe(true);
  const exit = once(child, 'exit');
  expect(signalProcess(identity, 'SIGKILL')).toBe(true);
  await exit;
  expect(identify(child.pid!)).toBeNull();
  expect(signalProcess(identity, 'SIGKILL')).toBe(false);
});

test('which signals are caught, by whom it runs, and where', () => {
  const onSignal = () => undefined;
  process.on('SIGWINCH', onSignal);
  const status = readStatus(process.pid)!;
  process.off('SIGWINCH', onSignal);
  expect(status.catches(28)).toBe(true);
  expect(status.catches(12)).toBe(false);
  expect(status).toMatchObject({ uid: process.getuid!(), gid: process.getgid!(), tracer: 0 });
  expect(status.pids.at(-1)).toBe(process.pid);
  expect(sharesNamespace(process.pid, 'net')).toBe(true);
  expect(readStatus(2 ** 22 + 1)).toBeNull();
  expect(sharesNamespace(2 ** 22 + 1, 'net')).toBe(false);
});
