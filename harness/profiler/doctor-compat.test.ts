import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

const DOCTOR_COMPAT = new URL('doctor-compat.ts', import.meta.url).href;

/** A server with few descriptors, and a listener for SIGUSR1 that does nothing, as doctor's. */
function server(script: string) {
  const caught = `process.on('SIGUSR1', () => {}); ${script}`;
  const node = [process.execPath, '--inspect-port=0', '--import', DOCTOR_COMPAT, '-e', caught];
  return spawn('/bin/sh', ['-c', 'ulimit -n 100 && exec "$@"', 'sh', ...node], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('memory is measured where there is no descriptor left, by what it was before', async () => {
  const { stdout, stderr } = server(`
    const { openSync } = require('node:fs');
    try { for (;;) openSync('/dev/null'); } catch (error) { console.log(error.code); }
    console.log(process.memoryUsage().rss > 1e6);
  `);
  expect(await Promise.all([text(stdout), text(stderr)])).toEqual(['EMFILE\ntrue\n', '']);
});

test('SIGUSR1 opens the inspector, and a second one does no harm', async () => {
  const { stdout, stderr } = server(`
    const signal = () => process.kill(process.pid, 'SIGUSR1');
    signal();
    setTimeout(signal, 100);
    setTimeout(() => process.exit(), 200);
  `);
  const [, said] = await Promise.all([text(stdout), text(stderr)]);
  expect(said.match(/Debugger listening on ws:\/\/127\.0\.0\.1:\d+/g)).toHaveLength(1);
});
