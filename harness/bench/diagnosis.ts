/** What a look into a hung process costs it, and what it costs a healthy one to be attached to. */
import { once } from 'node:events';
import { request } from 'node:http';
import { takeSnapshot } from '../diagnosis/awaits/take-snapshot.ts';
import { type Fixture, startFixture } from '../diagnosis/fixtures/start.ts';
import { diagnose } from '../diagnosis/index.ts';
import { followScripts } from '../diagnosis/inspector/scripts.ts';
import { openInspector } from '../diagnosis/inspector/session.ts';
import { monotonicMs } from '../platform/clock.ts';
import type { Figure } from './figure.ts';

const ROUNDS = 5;
const REQUESTS_A_ROUND = 2_000;

export async function diagnosisFigures(): Promise<Figure[]> {
  return [await fromOutside(), ...(await awaits()), await attached()];
}

/** A stopped process is decided by /proc alone. */
async function fromOutside(): Promise<Figure> {
  await using server = await startFixture('healthy');
  process.kill(server.pid, 'SIGSTOP');
  const { costMs } = await diagnose({ pid: server.pid, healthUrl: server.healthUrl });
  const goal = 2.6;
  return { name: 'diagnosis from /proc alone', value: costMs.total / 1000, unit: 's', goal };
}

/** Snapshots and looks alternate, so that a neighbour on a shared machine weighs on both alike. */
async function awaits(): Promise<Figure[]> {
  await using server = await startFixture('deadlocked-semaphore');
  for (let i = 0; i < 4; i++) server.ask(`/request-${i}`);
  const frozen: number[] = [];
  const ratios: number[] = [];
  let nodes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const alone = await snapshotAlone(server);
    nodes = alone.nodes;
    const { costMs } = await diagnose({ pid: server.pid, healthUrl: server.healthUrl });
    frozen.push(costMs.frozen);
    ratios.push(costMs.frozen / alone.frozenMs);
  }
  const at = `at ${Math.round(nodes / 1000)},000 heap nodes`;
  return [
    { name: `awaits: process frozen, ${at}`, value: median(frozen), unit: 'ms', goal: 1500 },
    { name: 'awaits: times one snapshot', value: median(ratios), unit: 'x', goal: 2.5 },
  ];
}

async function snapshotAlone({ pid }: Fixture): Promise<{ frozenMs: number; nodes: number }> {
  await using inspector = await openInspector(pid);
  const begin = performance.now();
  const graph = await takeSnapshot(inspector, 60_000);
  return { frozenMs: performance.now() - begin, nodes: graph.nodeCount };
}

/** Requests one after another, without and with an inspector that has looked and waits. */
async function attached(): Promise<Figure> {
  await using server = await startFixture('healthy');
  await requestMs(server);
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const alone = await requestMs(server);
    await using inspector = await openInspector(server.pid);
    await followScripts(inspector);
    ratios.push((await requestMs(server)) / alone);
  }
  const value = (median(ratios) - 1) * 100;
  return { name: 'a request while attached, longer by', value, unit: '%', goal: 5 };
}

async function requestMs({ healthUrl }: Fixture): Promise<number> {
  const startMs = monotonicMs();
  for (let i = 0; i < REQUESTS_A_ROUND; i++) {
    const [response] = await once(request(healthUrl).end(), 'response');
    response.resume();
    await once(response, 'end');
  }
  return (monotonicMs() - startMs) / REQUESTS_A_ROUND;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}
