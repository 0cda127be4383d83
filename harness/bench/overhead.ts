/** What hanglab's own load and probes cost, beside a small server in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../environment/environment.ts';
import { startEnvironment } from '../environment/start.ts';
import { openRecorder, type Recorder } from '../history/recorder.ts';
import { pressure } from '../load/requests/pressure.ts';
import { monotonicMs } from '../platform/clock.ts';
import { startProbes } from '../probes/start.ts';
import { startReaper } from '../reaper/reaper.ts';
import { buildTarget } from '../target/config/build-target.ts';
import type { Operation } from '../target/operations/operation.ts';
import type { Figure } from './figure.ts';

const AUTOCANNON = fileURLToPath(import.meta.resolve('autocannon'));
const SERVER = fileURLToPath(new URL('overhead-server.mjs', import.meta.url));
/** How often the health of any server is asked for, and of one for which it is asked for precisely. */
const DEFAULT_HZ = 2;
const PRECISE_HZ = 20;
const CONNECTIONS = 64;
const ROUNDS = 5;
/** So many answers, and whoever sends has started and is at its speed. */
const UNDER_WAY = 10 * CONNECTIONS;
const ROUND_MS = 2_000;
const RATE = 200;
const RATE_MS = 8_000;
const HELD = 1_000;
const HELD_MS = 8_000;

export async function overheadFigures(): Promise<Figure[]> {
  const name = (who: string): string =>
    `${CONNECTIONS} connections, ${who}: fewer requests than autocannon by`;
  return [
    // At full speed hanglab sends by `pressure`; what `reads` and `writes` send is recorded one by one.
    { ...(await slower(byPressure, 'quick')), name: name('pressure') },
    { ...(await slower(bySenders, 'worked')), name: name('reads of 1 ms each') },
    await cpuAtRate(),
    await proberError(),
  ];
}

/** Sends without pause until it is stopped. */
type Drive = (environment: Environment, operation: string, stop: AbortSignal) => Promise<unknown>;

/** Both over the front link, by turns, so that a neighbour on a shared machine weighs on both alike. */
async function slower(drive: Drive, operation: string): Promise<Omit<Figure, 'name'>> {
  await using bench = await startBench(DEFAULT_HZ);
  const { environment } = bench;
  await answersPerS(environment, drive, operation);
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const own = await answersPerS(environment, drive, operation);
    ratios.push(own / (await answersPerS(environment, byAutocannon, operation)));
  }
  return { value: (1 - median(ratios)) * 100, unit: '%', goal: 10 };
}

/** As the server counts them, once whoever sends them is under way. */
async function answersPerS(
  environment: Environment,
  drive: Drive,
  operation: string,
): Promise<number> {
  const stop = new AbortController();
  const driving = drive(environment, operation, stop.signal);
  const { answered } = await countsOf(environment);
  while ((await countsOf(environment)).answered < answered + UNDER_WAY) await sleep(50);
  const [before, fromMs] = [await countsOf(environment), monotonicMs()];
  await sleep(ROUND_MS);
  const [after, toMs] = [await countsOf(environment), monotonicMs()];
  stop.abort();
  await driving;
  return (after.answered - before.answered) / ((toMs - fromMs) / 1000);
}

/** By hanglab's own senders: each request is recorded. */
const bySenders: Drive = (environment, operation, stop) => {
  const client = async (): Promise<void> => {
    while (!stop.aborted) await send(environment, operation);
  };
  return Promise.all(Array.from({ length: CONNECTIONS }, client));
};

/** By the load that scenarios press a server with: in a thread, with one histogram for all. */
const byPressure: Drive = (environment, operation, stop) => {
  const all = () => [environment.declared.operations[operation] as Operation];
  const operations = { ...environment.operations, all };
  return pressure({ connections: CONNECTIONS }).run({ ...environment, operations }, stop);
};

/** As a person would, in a process of its own. */
const byAutocannon: Drive = async ({ links }, operation, stop) => {
  const url = `http://127.0.0.1:${links.front?.port}/${operation}`;
  const args = [AUTOCANNON, '-c', String(CONNECTIONS), '-d', '60', url];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  stop.addEventListener('abort', () => child.kill('SIGKILL'));
  await once(child, 'exit');
};

/** Of all threads of hanglab: load, probes and the embedded Toxiproxy. */
async function cpuAtRate(): Promise<Figure> {
  await using bench = await startBench(DEFAULT_HZ);
  const before = process.cpuUsage();
  const startMs = monotonicMs();
  for (let i = 0; i < (RATE * RATE_MS) / 1000; i++) {
    const dueMs = startMs + (i * 1000) / RATE;
    await sleep(Math.max(0, dueMs - monotonicMs()));
    void send(bench.environment, 'quick');
  }
  const { user, system } = process.cpuUsage(before);
  const value = ((user + system) / 1000 / (monotonicMs() - startMs)) * 100;
  return { name: `CPU at ${RATE} requests/s, of a core`, value, unit: '%', goal: 15 };
}

/**
 * The control server answers at once: what its probes take is the prober's own error, and the machine's. With
 * nothing open and with many, in turn, so that what the machine adds is taken off again.
 */
async function proberError(): Promise<Figure> {
  await using bench = await startBench(PRECISE_HZ);
  const { environment } = bench;
  const alone = await errorP99Ms(bench);
  for (let i = 0; i < HELD; i++) void send(environment, 'held');
  while ((await countsOf(environment)).held < HELD) await sleep(50);
  const value = (await errorP99Ms(bench)) - alone;
  return {
    name: `prober's p99 error more with ${HELD} requests open`,
    value,
    unit: 'ms',
    goal: 15,
  };
}

async function errorP99Ms({ recorder }: Bench): Promise<number> {
  const errors = new Map<number, number>();
  using _listening = recorder.onEvent((event) => {
    if (event.kind === 'health') errors.set(event.intendedT, event.controlMs);
  });
  await sleep(HELD_MS);
  const sorted = [...errors.values()].sort((a, b) => a - b);
  return sorted[Math.ceil(0.99 * sorted.length) - 1] ?? Number.NaN;
}

async function countsOf({ target }: Environment): Promise<{ held: number; answered: number }> {
  const answer = await fetch(`http://127.0.0.1:${target.port}/counts`);
  return (await answer.json()) as { held: number; answered: number };
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
      operations: {
        quick: { get: '/quick' },
        worked: { get: '/worked' },
        held: { get: '/held' },
      },
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
