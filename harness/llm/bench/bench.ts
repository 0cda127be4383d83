/**
 * The scripted model beside aimock, in one run: events a second, how true a pace is, memory. Rounds
 * alternate between the two, and each figure is the median of its rounds, so that a neighbour on a
 * shared machine weighs on both alike. Run it: node harness/llm/bench/bench.ts
 */
import { readFileSync } from 'node:fs';
import Table from 'cli-table3';
import { messageOf } from '../../platform/errors.ts';
import {
  installAimock,
  type Measured,
  type Order,
  type Served,
  startAimock,
  startClients,
  startModel,
} from './servers.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 2);
const STREAMS = 64;
const HELD_STREAMS = 1_000;
const PACE_MS = 20;
const TOKENS = 400;
/** Of a stream whose pace is measured: two seconds. */
const PACED_TOKENS = 100;

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Five characters a token: aimock cuts by characters, and ours by words. */
const textOf = (tokens: number): string => 'four '.repeat(tokens - 1).concat('end.');
const bodyOf = (text: string): string =>
  JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: text }] });

async function main(): Promise<void> {
  await using clients = startClients();
  await using aimock = await installAimock();
  const table = new Table({
    head: ['', 'aimock', 'hanglab', 'ratio', 'wanted'],
    style: { head: [], border: [], compact: true },
  });
  const row = (what: string, a: number, b: number, unit: string, wanted: string): void => {
    const shown = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`;
    const ratio = (b / a).toFixed(2);
    table.push([what, shown(a), shown(b), ratio, wanted]);
    process.stderr.write(`${what}: ${shown(a)}, ${shown(b)}, ${ratio}\n`);
  };
  const compare = async (
    theirs: Served,
    ours: Served,
    order: Omit<Order, 'URL'>,
  ): Promise<[Measured[], Measured[]]> => {
    const found: [Measured[], Measured[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      for (const [side, { url }] of [theirs, ours].entries()) {
        const URL = `${url}/chat/completions`;
        found[side]?.push(await clients.measure({ ...order, URL }));
      }
    }
    return found;
  };

  {
    await using theirs = await startAimock(aimock.folder, textOf(TOKENS), 0);
    await using ours = await startModel(
      ...['--tokens-per-second', '1000000000', '--answer-tokens', String(TOKENS)],
    );
    const order = { Mode: 'stream', Body: bodyOf('Say four.'), Streams: STREAMS, Seconds: SECONDS };
    const [a, b] = await compare(theirs, ours, order as Order);
    const speed = (all: Measured[]): number => median(all.map((one) => one.EventsPerSecond));
    row(`events a second, ${STREAMS} streams`, speed(a), speed(b), '', '>= 2.0');
  }
  {
    await using theirs = await startAimock(aimock.folder, textOf(PACED_TOKENS), PACE_MS);
    await using ours = await startModel(
      ...['--tokens-per-second', String(1000 / PACE_MS), '--answer-tokens', String(PACED_TOKENS)],
    );
    const Body = bodyOf('Say four.');
    const order = { Mode: 'stream', Body, Streams: STREAMS, Seconds: 0.1, PaceMs: PACE_MS };
    const [a, b] = await compare(theirs, ours, order as Order);
    const of = (all: Measured[], key: keyof Measured): number => median(all.map((one) => one[key]));
    const rows = [
      ['error against the pace, p50', 'LateMs'],
      ['error against the pace, p99', 'LateP99'],
      ['error of the time between two events, p50', 'GapErrorMs'],
      ['error of the time between two events, p99', 'GapErrorP99'],
    ] as const;
    for (const [what, key] of rows) {
      row(`${PACE_MS} ms, ${STREAMS} streams: ${what}`, of(a, key), of(b, key), 'ms', '<= 1.0');
    }
  }
  {
    await using ours = await startModel('--answer-tokens', '100', '--tokens-per-second', '0.01');
    const URL = `${ours.url}/chat/completions`;
    const Body = bodyOf('Say four.');
    const idle = rssMegaBytes(ours);
    await clients.measure({ Mode: 'hold', URL, Body, Streams: HELD_STREAMS });
    const megaBytes = rssMegaBytes(ours);
    await clients.measure({ Mode: 'release' });
    table.push([
      `memory with ${HELD_STREAMS} streams`,
      '',
      `${megaBytes.toFixed(0)} MB`,
      '',
      '< 150 MB',
    ]);
    table.push(['of it without streams', '', `${idle.toFixed(0)} MB`, '', '']);
  }
  process.stdout.write(`${table.toString()}\n`);
}

function rssMegaBytes({ pid }: Served): number {
  const found = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1]) / 1024;
}

await main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
