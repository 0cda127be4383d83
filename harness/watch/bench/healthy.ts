/**
 * Proof that a watch changes nothing: two healthy servers alike under the same load, one of them watched. Compares
 * their latencies side by side, and fails when the watch took a diagnosis, sent a signal, asked for anything but the
 * health path, or took more than 1 % of a core.
 *
 *   node harness/watch/bench/healthy.ts [minutes, 10 unless given]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../../diagnosis/fixtures/start.ts';
import { monotonicMs } from '../../platform/clock.ts';
import { readListeners } from '../../platform/procfs/listeners.ts';

const MOST_SHARE = 0.01;
const EVERY_MS = 20;

const SERVER = `
  const { createServer } = require('node:http');
  const seen = {};
  process.on('SIGUSR1', () => { seen.SIGUSR1 = 1; });
  const server = createServer((request, response) => {
    if (request.url === '/seen') return response.end(JSON.stringify(seen));
    seen[request.url] = (seen[request.url] ?? 0) + 1;
    setTimeout(() => response.end('ok'), request.url === '/work' ? 5 : 0);
  }).listen(0, '127.0.0.1', () => console.log(server.address().port));`;

const minutes = Number(process.argv[2] ?? 10);
const folder = mkdtempSync(join(tmpdir(), 'watch-proof-'));
try {
  const start = () => startServer('/dev/null', [process.execPath, '-e', SERVER]);
  await using watched = await start();
  await using alone = await start();
  const bin = join(import.meta.dirname, '../../../bin/hanglab.js');
  const args = [
    'watch',
    '--port',
    watched.port,
    '--health',
    watched.healthUrl,
    '--request-limit',
    '10s',
  ];
  const more = ['--out', folder, '--for', `${minutes}m`, '--json'];
  const watch = spawn(process.execPath, [bin, ...args.map(String), ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(watch, 'close');
  let last = '';
  watch.stdout.setEncoding('utf8').on('data', (text: string) => {
    last = text.trimEnd().split('\n').at(-1) ?? last;
  });
  const latencies: Record<'watched' | 'alone', number[]> = { watched: [], alone: [] };
  const over = new AbortController();
  const loads = [load(watched.port, latencies.watched), load(alone.port, latencies.alone)];
  const [code] = await ended;
  over.abort();
  await Promise.all(loads);

  async function load(port: number, into: number[]): Promise<void> {
    while (!over.signal.aborted) {
      const sentMs = monotonicMs();
      await (await fetch(`http://127.0.0.1:${port}/work`)).text();
      into.push(monotonicMs() - sentMs);
      await sleep(Math.max(0, EVERY_MS - (monotonicMs() - sentMs)));
    }
  }

  const seen = (await (await fetch(`http://127.0.0.1:${watched.port}/seen`)).json()) as object;
  const { cpuShare = 1 } = JSON.parse(last) as { cpuShare?: number };
  const ratio = (share: number): string =>
    (quantile(latencies.watched, share) / quantile(latencies.alone, share)).toFixed(3);
  const figures = {
    minutes,
    requests: latencies.watched.length,
    p50Ratio: ratio(0.5),
    p99Ratio: ratio(0.99),
    cpuShare: `${(100 * cpuShare).toFixed(2)} %`,
    asked: seen,
  };
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
  const problems = [
    ...(code === 0 ? [] : [`the watch ended with ${code}`]),
    ...(existsSync(join(folder, 'watch')) ? ['it wrote a report'] : []),
    ...(Object.keys(seen).sort().join() === '/health,/work' ? [] : ['it asked or signalled']),
    ...(readListeners(watched.pid).length === 1 ? [] : ['an inspector is open']),
    ...(cpuShare < MOST_SHARE ? [] : [`it took ${figures.cpuShare} of a core`]),
  ];
  for (const problem of problems) process.stderr.write(`FAILED: ${problem}\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
