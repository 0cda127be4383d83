/** What hanglab's own load and probes cost, beside a small server in a process of its own. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import type { Environment } from '../environment/environment.ts';
import { startEnvironment } from '../environment/start.ts';
import { openRecorder, type Recorder } from '../history/recorder.ts';
import { monotonicMs } from '../platform/clock.ts';
import { startProbes } from '../probes/start.ts';
import { startReaper } from '../reaper/reaper.ts';
import { buildTarget } from '../target/config/build-target.ts';
import type { Operation } from '../target/operations/operation.ts';
import type { Figure } from './figure.ts';

const SERVER = fileURLToPath(new URL('overhead-server.mjs', import.meta.url));
const CONNECTIONS = 64;
const ROUNDS = 5;
const ROUND_MS = 2_000;
const RATE = 200;
const RATE_MS = 8_000;
const HELD = 1_000;
const HELD_MS = 8_000;

export async function overheadFigures(): Promise<Figure[]> {
  return [await slowerThanAutocannon(), await cpuAtRate(), await proberError()];
}

/** Both over the front link, by turns, so that a neighbour on a shared machine weighs on both alike. */
async function slowerThanAutocannon(): Promise<Figure> {
  await using bench = await startBench(20);
  const { environment } = bench;
  await sendFor(environment, ROUND_MS);
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const own = await sendFor(environment, ROUND_MS);
    ratios.push(own / (await autocannonFor(environment, ROUND_MS)));
  }
  const value = (1 - median(ratios)) * 100;
  const name = `${CONNECTIONS} connections: fewer requests than autocannon by`;
  return { name, value, unit: '%', goal: 10 };
}

/** Requests a second. */
async function sendFor(environment: Environment, ms: number): Promise<number> {
  const untilMs = monotonicMs() + ms;
  let sent = 0;
  const client = async (): Promise<void> => {
    while (monotonicMs() < untilMs) {
      await send(environment, 'quick');
      sent++;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  return sent / (ms / 1000);
}

async function autocannonFor({ links }: Environment, ms: number): Promise<number> {
  const url = `http://127.0.0.1:${links.front?.port}/quick`;
  const result = await autocannon({ url, connections: CONNECTIONS, duration: ms / 1000 });
  return result.requests.total / result.duration;
}

/** Of all threads of hanglab: load, probes and the embedded Toxiproxy. */
async function cpuAtRate(): Promise<Figure> {
  await using bench = await startBench(20);
  const before = process.cpuUsage();
  const startMs = monotonicMs();
  for (let i = 0; i < (RATE * RATE_MS) / 1000; i++) {
    const dueMs = startMs + (i * 1000) / RATE;
    await new Promise((go) => setTimeout(go, Math.max(0, dueMs - monotonicMs())));
    void send(bench.environment, 'quick');
  }
  const { user, system } = process.cpuUsage(before);
  const value = ((user + system) / 1000 / (monotonicMs() - startMs)) * 100;
  return { name: `CPU at ${RATE} requests/s, of a core`, value, unit: '%', goal: 15 };
}

/** The control server answers at once: what its probes take is the prober's own error. */
async function proberError(): Promise<Figure> {
  await using bench = await startBench(20);
  const { environment, recorder } = bench;
  for (let i = 0; i < HELD; i++) void send(environment, 'held');
  while ((await heldAt(environment)) < HELD) await new Promise((go) => setTimeout(go, 50));
  const errors = new Map<number, number>();
  using _listening = recorder.onEvent((event) => {
    if (event.kind === 'health') errors.set(event.intendedT, event.controlMs);
  });
  await new Promise((go) => setTimeout(go, HELD_MS));
  const sorted = [...errors.values()].sort((a, b) => a - b);
  const value = sorted[Math.ceil(0.99 * sorted.length) - 1] ?? Number.NaN;
  return { name: `prober's p99 error with ${HELD} requests open`, value, unit: 'ms', goal: 15 };
}

async function heldAt({ target }: Environment): Promise<number> {
  return Number(await (await fetch(`http://127.0.0.1:${target.port}/count`)).text());
}

function send({ sender, inputs, declared }: Environment, name: string): Promise<unknown> {
  const operation = declared.operations[name] as Operation;
  return sender.send(operation, inputs.input(inputs.nextIndex(), { bytes: 0 }));
}

interface Bench extends AsyncDisposable {
  environment: Environment;
  recorder: Recorder;
}

async function startBench(healthHz: number): Promise<Bench> {
  await using stack = new AsyncDisposableStack();
  const reaper = stack.use(startReaper());
  const folder = reaper.temporaryFolder('bench');
  const recorder = stack.use(openRecorder(join(folder, 'history.ndjson')));
  const target = buildTarget(
    {
      server: { command: [process.execPath, SERVER] },
      health: '/health',
      probing: { healthHz, maxOpen: 32 },
      operations: { quick: { get: '/quick' }, held: { get: '/held' } },
    },
    folder,
  );
  const environment = stack.use(
    await startEnvironment({
      ...{ target, recorder, reaper, faulted: new Set<string>(), seed: 1, scale: 1 },
      toxiproxy: { provider: 'embedded' },
      ...{ documentsFolder: null, reportFolder: folder, signal: new AbortController().signal },
    }),
  );
  stack.use(await startProbes({ environment, peers: {} }));
  const owned = stack.move();
  return { environment, recorder, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}
