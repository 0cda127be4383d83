/**
 * The embedded Toxiproxy beside the real one, in one run: throughput, round trips, timing of toxics,
 * memory. Rounds alternate between the two, and each figure is the median of its rounds, so that a
 * neighbour on a shared machine weighs on both alike. Run it: node harness/links/bench/bench.ts
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { messageOf } from '../../platform/errors.ts';
import { startBinary } from '../providers/binary.ts';
import { type Load, type Measured, type Order, startLoad } from './load.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 0.7);
const HELD_CONNECTIONS = 1_000;
const TRANSFER_MEGABYTES = Number(process.env.BENCH_MEGABYTES ?? 1_000);
const HANGLAB = fileURLToPath(new URL('../../../bin/hanglab.js', import.meta.url));

interface Server extends AsyncDisposable {
  url: string;
  pid: number;
}
type Side = 'direct' | 'real' | 'embedded';

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function startEmbeddedProcess(): Promise<Server> {
  const child = spawn(process.execPath, [HANGLAB, 'toxiproxy', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (part) => {
    said += part;
  });
  while (!said.includes('"url":')) await once(child.stdout, 'data');
  return {
    url: /"url":"([^"]+)"/.exec(said)?.[1] ?? '',
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill();
      await once(child, 'exit');
    },
  };
}

async function post(url: string, body: object): Promise<Record<string, unknown>> {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
}

let proxies = 0;
async function addressOf(
  server: Server | undefined,
  upstream: string,
  toxic?: object,
): Promise<string> {
  if (!server) return upstream;
  const name = `bench-${++proxies}`;
  const listen = '127.0.0.1:0';
  const proxy = await post(`${server.url}/proxies`, { name, listen, upstream });
  if (toxic) await post(`${server.url}/proxies/${name}/toxics`, toxic);
  return String(proxy.listen);
}

/** The same order on all sides, alternating, ROUNDS times. */
async function compare(
  load: Load,
  servers: Record<Side, Server | undefined>,
  sides: Side[],
  upstream: string,
  order: Order,
  toxic?: object,
): Promise<Record<Side, Measured[]>> {
  const results: Record<Side, Measured[]> = { direct: [], real: [], embedded: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const side of sides) {
      const Address = await addressOf(servers[side], upstream, toxic);
      results[side].push(await load.measure({ ...order, Address }));
    }
  }
  return results;
}

function rssMegaBytes({ pid }: Server): number {
  const found = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1]) / 1024;
}

/** Memory while many connections are held, each of which has carried a message. */
async function holdMany(load: Load, server: Server): Promise<number> {
  const Address = await addressOf(server, load.upstreams.echo);
  await load.measure({ Mode: 'hold', Connections: HELD_CONNECTIONS, Address });
  const megaBytes = rssMegaBytes(server);
  await load.measure({ Mode: 'release' });
  return megaBytes;
}

async function main(): Promise<void> {
  await using load = await startLoad();
  const onTrouble = (message: string): void => void process.stderr.write(`${message}\n`);
  await using binary = await startBinary({ seed: 1, onTrouble });
  await using embedded = await startEmbeddedProcess();
  const real = { ...binary, pid: binary.pid ?? 0 };
  const servers = { direct: undefined, real, embedded };
  const table = new Table({
    head: ['', 'real', 'embedded', 'ratio', 'wanted'],
    style: { head: [], border: [], compact: true },
  });
  const row = (what: string, a: number, b: number, unit: string, ratio: number, wanted: string) => {
    const shown = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`;
    table.push([what, shown(a), shown(b), ratio.toFixed(2), wanted]);
    process.stderr.write(`${what}: ${shown(a)}, ${shown(b)}, ${ratio.toFixed(2)}\n`);
  };
  const { upstreams } = load;

  for (const Connections of [1, 64]) {
    for (const Mode of ['download', 'upload'] as const) {
      const upstream = Mode === 'download' ? upstreams.source : upstreams.sink;
      const order = { Mode, Connections, Seconds: SECONDS };
      const found = await compare(load, servers, ['real', 'embedded'], upstream, order);
      const speeds = (side: Side) => found[side].map(({ BytesPerSecond }) => BytesPerSecond / 1e6);
      const ratios = speeds('embedded').map((mine, i) => mine / (speeds('real')[i] ?? 0));
      const what = `${Mode}, ${Connections} connections`;
      row(
        what,
        median(speeds('real')),
        median(speeds('embedded')),
        'MB/s',
        median(ratios),
        '>= 1.0',
      );
    }
  }
  for (const Mode of ['fetch', 'send'] as const) {
    const upstream = Mode === 'fetch' ? upstreams.source : upstreams.receipt;
    const order: Order = { Mode, Connections: 1, MegaBytes: TRANSFER_MEGABYTES };
    const found = await compare(load, servers, ['real', 'embedded'], upstream, order);
    const times = (side: Side) => found[side].map(({ DelaysMs = [] }) => DelaysMs[0] ?? Number.NaN);
    const ratios = times('embedded').map((mine, i) => mine / (times('real')[i] ?? 0));
    const what = `${Mode} ${TRANSFER_MEGABYTES} MB in one connection`;
    row(what, median(times('real')), median(times('embedded')), 'ms', median(ratios), '<= 1.0');
  }
  for (const Connections of [1, 64] as const) {
    const order: Order = { Mode: 'pingpong', Connections, Seconds: SECONDS };
    const sides: Side[] = ['direct', 'real', 'embedded'];
    const found = await compare(load, servers, sides, upstreams.echo, order);
    for (const key of ['P50Us', 'P99Us'] as const) {
      // With 64 the load itself fills the machine, and what a proxy adds cannot be separated from that.
      const alone = Connections === 1;
      const direct = alone ? median(found.direct.map((measured) => measured[key])) : 0;
      const added = (side: Side) => found[side].map((measured) => measured[key] - direct);
      const ratios = added('embedded').map((mine, i) => mine / (added('real')[i] ?? 0));
      const wanted = { P50Us: { 1: '<= 0.8', 64: '<= 1.0' }, P99Us: { 1: '<= 0.9', 64: '<= 1.0' } };
      const what = `${alone ? 'added' : 'whole'} round trip ${key.slice(0, 3)}, ${Connections} connections`;
      row(
        what,
        median(added('real')),
        median(added('embedded')),
        'us',
        median(ratios),
        wanted[key][Connections],
      );
    }
  }
  const timings: [what: string, wantedMs: number, order: Order, toxic: object][] = [
    ['latency 50 ms', 50, { Mode: 'first-byte' }, { type: 'latency', attributes: { latency: 50 } }],
    [
      'bandwidth, 50 kB at 500 kB/s',
      100,
      { Mode: 'whole', KiloBytes: 50 },
      { type: 'bandwidth', attributes: { rate: 500 } },
    ],
    [
      'slicer, 8 pieces 5 ms apart',
      35,
      { Mode: 'whole', KiloBytes: 4 },
      { type: 'slicer', attributes: { average_size: 500, size_variation: 0, delay: 5_000 } },
    ],
    [
      'slow_close 50 ms',
      50,
      { Mode: 'closing', KiloBytes: 1 },
      { type: 'slow_close', attributes: { delay: 50 } },
    ],
  ];
  for (const [what, wantedMs, order, toxic] of timings) {
    const upstream = order.Mode === 'first-byte' ? upstreams.echo : upstreams.block;
    const wanted = { ...order, Connections: 10 };
    const found = await compare(load, servers, ['real', 'embedded'], upstream, wanted, toxic);
    const error = (side: Side): number =>
      median(
        found[side].flatMap(({ DelaysMs = [] }) => DelaysMs.map((ms) => Math.abs(ms - wantedMs))),
      );
    const [a, b] = [error('real'), error('embedded')];
    row(`timing error of ${what}`, a, b, 'ms', b / a, '<= 1.0');
  }
  await using fresh = await startEmbeddedProcess();
  const idle = rssMegaBytes(fresh);
  const a = await holdMany(load, real);
  const b = await holdMany(load, fresh);
  row(`memory with ${HELD_CONNECTIONS} connections`, a, b, 'MB', b / a, '< 100 MB');
  table.push(['of it without connections', '', `${idle.toFixed(0)} MB`, '', '']);
  process.stdout.write(`${table.toString()}\n`);
}

await main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
