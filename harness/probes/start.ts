/** Starts the probes of a run in their threads and writes what they report into the history. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Recorder } from '../history/recorder.ts';
import { moduleUrl } from '../platform/module-url.ts';
import type { TargetSlot } from '../run/target-slot.ts';
import type { HealthThreadOptions } from './health-thread.ts';
import type { ProbeReport } from './probe.ts';
import type { SamplerThreadOptions } from './sampler-thread.ts';

export const HEALTH_RATE_HZ = 20;

export interface RunningProbes extends AsyncDisposable {
  /** Takes every sample once, now; resolves when they are in the history. */
  sampleNow(): Promise<void>;
}

export interface ProbeOptions {
  slot: TargetSlot;
  recorder: Recorder;
  /** Pids of hanglab's own processes beside it: model, Toxiproxy. */
  companions: number[];
  /** Names of the ports that the target connects to. */
  peers: Record<number, string>;
}

export async function startProbes({
  slot,
  recorder,
  companions,
  peers,
}: ProbeOptions): Promise<RunningProbes> {
  const target = slot.current;
  const control = new Worker(moduleUrl('./control-thread', import.meta.url));
  const [{ url: controlUrl }] = (await once(control, 'message')) as [{ url: string }];
  const threads = [control];
  const start = (module: string, workerData: unknown): Worker => {
    const thread = new Worker(moduleUrl(module, import.meta.url), { workerData });
    thread.on('message', (message: ProbeReport[] | { sampled: number }) => {
      if (Array.isArray(message)) for (const report of message) keep(report, recorder);
    });
    thread.on('error', (error) => {
      const trouble = { kind: 'harness-trouble', part: 'probes', message: error.message } as const;
      recorder.record(trouble);
    });
    threads.push(thread);
    return thread;
  };
  if (target.urls.health) {
    start('./health-thread', {
      healthUrl: target.urls.health,
      controlUrl,
      rateHz: HEALTH_RATE_HZ,
    } satisfies HealthThreadOptions);
  }
  const sampler = start('./sampler-thread', {
    pid: target.pid,
    companions,
    peers,
    listUrl: target.urls.progress,
    readyUrl: target.urls.ready,
    timeoutMs: target.limits.requestMs,
  } satisfies SamplerThreadOptions);

  slot.onStarted(({ pid }) => sampler.postMessage({ follow: pid }));

  let samples = 0;
  return {
    async sampleNow() {
      const id = ++samples;
      sampler.postMessage({ sample: id });
      for (;;) {
        const [message] = (await once(sampler, 'message')) as [{ sampled?: number }];
        if (message.sampled === id) return;
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}

function keep({ atMs, body }: ProbeReport, recorder: Recorder): void {
  if (body.kind !== 'health') {
    recorder.record(body, atMs);
    return;
  }
  // The thread knows only the machine's clock; the history counts from the run's start.
  const intendedT = Math.round((body.intendedT - recorder.startedAtMs) * 100) / 100;
  recorder.record(
    { ...body, intendedT, latencyMs: round(body.latencyMs), controlMs: round(body.controlMs) },
    atMs,
  );
}

const round = (ms: number): number => Math.round(ms * 100) / 100;
