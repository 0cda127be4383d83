/** The reaper beside real processes, its owner disposed in good order and killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { startReaper } from './reaper.ts';

const WITHIN_MS = 3000;
const REAPER = new URL('./reaper.ts', import.meta.url).href;
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** A process in a group of its own that has a child in the same group; both only wait. */
async function startGroup(): Promise<{ pid: number; childPid: number; gone: Promise<unknown> }> {
  const code = `
    const { spawn } = require('node:child_process');
    const child = spawn('sleep', ['600']);
    process.stdout.write(String(child.pid));
    setInterval(() => {}, 60000);`;
  const parent = spawn(process.execPath, ['-e', code], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  started.push(parent);
  const gone = new Promise((resolve) => parent.once('exit', resolve));
  const childPid = await new Promise<number>((resolve) =>
    parent.stdout?.once('data', (text) => resolve(Number(text))),
  );
  return { pid: parent.pid as number, childPid, gone };
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + WITHIN_MS;
  while (!condition() && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(condition()).toBe(true);
}

it('removes its temporary folders, with what is in them, when it is disposed', async () => {
  const reaper = startReaper();
  const folder = reaper.temporaryFolder('target');
  writeFileSync(join(folder, 'file'), 'x');
  await reaper[Symbol.asyncDispose]();
  expect(existsSync(folder)).toBe(false);
  expect(alive(reaper.pid)).toBe(false);
});

it('ends the groups that it still watches when it is disposed, and spares those forgotten', async () => {
  const watched = await startGroup();
  const forgotten = await startGroup();
  const reaper = startReaper();
  for (const { pid } of [watched, forgotten]) reaper.watchGroup(pid);
  reaper.forgetGroup(forgotten.pid);
  await reaper[Symbol.asyncDispose]();
  await watched.gone;
  await until(() => !alive(watched.childPid));
  expect([alive(forgotten.pid), alive(forgotten.childPid)]).toEqual([true, true]);
  process.kill(-forgotten.pid, 'SIGKILL');
});

it('ends groups and removes folders when its owner is killed with kill -9', async () => {
  const watched = await startGroup();
  const owner = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { startReaper } from '${REAPER}';
       const reaper = startReaper();
       reaper.watchGroup(${watched.pid});
       const folder = reaper.temporaryFolder('orphan');
       process.stdout.write(JSON.stringify({ folder, pid: reaper.pid }));
       setInterval(() => {}, 60000);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  started.push(owner);
  const { folder, pid } = await new Promise<{ folder: string; pid: number }>((resolve) =>
    owner.stdout?.once('data', (text) => resolve(JSON.parse(String(text)))),
  );
  expect([existsSync(folder), alive(watched.pid), alive(pid)]).toEqual([true, true, true]);
  owner.kill('SIGKILL');
  await watched.gone;
  await until(() => !alive(watched.childPid) && !existsSync(folder) && !alive(pid));
});

it('outlives the signals that a terminal sends to everybody, and still does its work', async () => {
  const reaper = startReaper();
  const watched = await startGroup();
  reaper.watchGroup(watched.pid);
  await until(() => catches(reaper.pid, [1, 2, 15]));
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.kill(reaper.pid, signal);
  await reaper[Symbol.asyncDispose]();
  await watched.gone;
  await until(() => !alive(watched.childPid));
});

/** Whether the process has handlers for these signals. */
function catches(pid: number, signals: number[]): boolean {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const caught = BigInt(`0x${/SigCgt:\s*(\w+)/.exec(status)?.[1] ?? '0'}`);
  return signals.every((signal) => (caught >> BigInt(signal - 1)) & 1n);
}

it('is replaced when it is killed, and ends what it watched all the same', async () => {
  const watched = await startGroup();
  const reaper = startReaper();
  reaper.watchGroup(watched.pid);
  const { pid } = reaper;
  process.kill(pid, 'SIGKILL');
  await until(() => !alive(pid) && reaper.pid !== pid && alive(reaper.pid));
  await reaper[Symbol.asyncDispose]();
  await watched.gone;
  await until(() => !alive(watched.childPid));
});

it('that was killed again and again holds nobody up when it is disposed', async () => {
  const reaper = startReaper();
  for (let i = 0; i < 4; i++) {
    const { pid } = reaper;
    process.kill(pid, 'SIGKILL');
    await until(() => !alive(pid) && (i === 3 || reaper.pid !== pid));
  }
  await reaper[Symbol.asyncDispose]();
});

it('ends what has left the group, by its mark', async () => {
  const mark = `test-${process.pid}`;
  const daemon = spawn('setsid', ['sleep', '600'], {
    stdio: 'ignore',
    env: { ...process.env, HANGLAB_TARGET: mark },
  });
  started.push(daemon);
  const leader = await startGroup();
  const reaper = startReaper();
  reaper.watchGroup(leader.pid, mark);
  const gone = new Promise((resolve) => daemon.once('exit', resolve));
  await reaper[Symbol.asyncDispose]();
  await Promise.all([gone, leader.gone]);
});
