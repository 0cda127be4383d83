import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { processListeningOn } from '../../platform/procfs/sockets.ts';
import { servingProcess } from './serving-process.ts';

const CLUSTER = fileURLToPath(new URL('../fixtures/node/cluster.mjs', import.meta.url));

test('the worker whose client waits, and not the master that listens', async () => {
  const master = spawn(process.execPath, [CLUSTER], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void master.kill('SIGTERM'));
  const said = createInterface({ input: master.stdout });
  const [port] = (await once(said, 'line')).map(Number) as [number];
  const found = processListeningOn(port);
  expect(found).toBe(master.pid);
  for (let i = 0; i < 2; i++) await fetch(`http://127.0.0.1:${port}/`).then((it) => it.text());
  const leave = new AbortController();
  onTestFinished(() => leave.abort());
  const line = once(said, 'line');
  fetch(`http://127.0.0.1:${port}/request`, { signal: leave.signal }).catch(() => undefined);
  const [stuck] = (await line).map(Number) as [number];
  await sleep(300);
  expect(await servingProcess(found!, port)).toBe(stuck);
});
