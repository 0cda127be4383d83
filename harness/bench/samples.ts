/** What the probes' samples cost, on a process that holds 500 descriptors. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { monotonicMs } from '../platform/clock.ts';
import { processProbe } from '../probes/process.ts';
import { resourcesProbe } from '../probes/resources.ts';
import type { Figure } from './figure.ts';

const FDS = 500;
const HOLDER = `
  const net = require('node:net'), fs = require('node:fs');
  for (let i = 0; i < ${FDS / 2}; i++) fs.openSync('/dev/null');
  const server = net.createServer(() => {}).listen(0, '127.0.0.1', () => {
    for (let i = 0; i < ${FDS / 4}; i++) net.connect(server.address().port, '127.0.0.1');
    setTimeout(() => console.log('ready'), 500);
  });`;

export async function sampleFigures(): Promise<Figure[]> {
  const holder = spawn(process.execPath, ['-e', HOLDER], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(holder.stdout, 'data');
    const pid = holder.pid as number;
    const light = median(timesOf(processProbe(pid, []).sample, 200));
    const full = median(
      timesOf(resourcesProbe({ rootPid: pid, peers: {}, temporaryFolder: null }).sample, 40),
    );
    return [
      { name: 'light sample', value: light, unit: 'ms', goal: 0.2 },
      { name: `full sample at ${FDS} fds`, value: full, unit: 'ms', goal: 15 },
    ];
  } finally {
    holder.kill('SIGKILL');
  }
}

function timesOf(sample: () => unknown, rounds: number): number[] {
  return Array.from({ length: rounds }, () => {
    const startMs = monotonicMs();
    sample();
    return monotonicMs() - startMs;
  });
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
