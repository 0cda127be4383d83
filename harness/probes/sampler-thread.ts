/**
 * Runs the reading probes (process, resources, readiness) at their rates, off the main thread.
 * A probe that has not ended is not started again.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { monotonicMs } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import type { Probe, ProbeReport } from './probe.ts';
import { processProbe } from './process.ts';
import { type ReadyEndpoint, readyProbe } from './ready.ts';
import { resourcesProbe } from './resources.ts';

export interface SamplerThreadOptions {
  rootPid: number;
  companions: readonly number[];
  peers: Record<number, string>;
  temporaryFolder: string | null;
  /** How often descriptors and sockets are listed. */
  resourcesEveryMs: number;
  ready: ReadyEndpoint | null;
  /** How long the target may take to tell its readiness. */
  timeoutMs: number;
}

const REPORT_EVERY_MS = 100;
const READY_EVERY_MS = 250;

const { rootPid, companions, peers, temporaryFolder, resourcesEveryMs, ready, timeoutMs } =
  workerData as SamplerThreadOptions;
const ofProcess = (pid: number): Probe[] => [
  processProbe(pid, companions),
  resourcesProbe({ rootPid: pid, peers, temporaryFolder }, resourcesEveryMs),
];
const probes: Probe[] = ofProcess(rootPid);
if (ready) probes.push(readyProbe(ready, READY_EVERY_MS, timeoutMs));

const reports: ProbeReport[] = [];

async function take(probe: Probe): Promise<void> {
  try {
    const body = await probe.sample();
    if (body) reports.push({ atMs: monotonicMs(), body });
  } catch (error) {
    const message = messageOf(error);
    reports.push({
      atMs: monotonicMs(),
      body: { kind: 'harness-trouble', part: `probe ${probe.name}`, message },
    });
  }
}

// By place, since the process that is followed can change.
for (const place of probes.keys()) {
  const loop = async (): Promise<void> => {
    const startMs = monotonicMs();
    const probe = probes[place] as Probe;
    await take(probe);
    setTimeout(loop, Math.max(0, probe.everyMs - (monotonicMs() - startMs)));
  };
  void loop();
}

export type SamplerOrder =
  /** A full sample now, for the instants that checks compare (after warmup, the end of quiesce). */
  | { sample: number }
  /** The target was started again: this is its process from now on. */
  | { follow: number };

parentPort?.on('message', async (order: SamplerOrder) => {
  if ('follow' in order) {
    probes.splice(0, 2, ...ofProcess(order.follow));
    return;
  }
  await Promise.all(probes.map(take));
  parentPort?.postMessage(reports.splice(0));
  parentPort?.postMessage({ sampled: order.sample });
});

setInterval(() => {
  if (reports.length > 0) parentPort?.postMessage(reports.splice(0));
}, REPORT_EVERY_MS);
