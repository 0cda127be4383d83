/** Starts the probes of a run and writes what they report into the history. */
import { Worker } from 'node:worker_threads';
import type { Environment } from '../environment/environment.ts';
import type { Limits } from '../history/events.ts';
import type { Recorder } from '../history/recorder.ts';
import { EXIT, HanglabError, messageOf } from '../platform/errors.ts';
import { moduleUrl } from '../platform/module-url.ts';
import type { HttpProbe } from '../target/endpoints.ts';
import type { RunningTarget } from '../target/target.ts';
import type { HealthThreadOptions } from './health-thread.ts';
import type { ProbeReport } from './probe.ts';
import type { SamplerThreadOptions } from './sampler-thread.ts';
import { startTellingProbe, type TellingProbe } from './telling.ts';

export interface RunningProbes extends AsyncDisposable {
  /** Takes every sample once, now; resolves when they are in the history, or cannot come any more. */
  sampleNow(): Promise<void>;
}

export interface ProbeOptions {
  environment: Pick<Environment, 'declared' | 'slot' | 'recorder' | 'companions'>;
  /** Names of the ports that the target connects to. */
  peers: Record<number, string>;
}

type FromThread = ProbeReport[] | { sampled: number } | { url: string };

/** A control server that does not listen by then will not. */
const CONTROL_MS = 20_000;

/** @throws HanglabError `probes-failed` when a thread does not come up. */
export async function startProbes({ environment, peers }: ProbeOptions): Promise<RunningProbes> {
  const { declared, slot, recorder, companions } = environment;
  await using stack = new AsyncDisposableStack();
  /** Aborts when a thread has ended: nothing more comes from it. */
  const ended = new AbortController();
  let wanted = true;
  const start = (module: string, workerData: unknown = {}): Worker => {
    const thread = new Worker(moduleUrl(module, import.meta.url), { workerData });
    const trouble = (message: string): void => {
      if (wanted) recorder.record({ kind: 'harness-trouble', part: 'probes', message });
      ended.abort();
    };
    thread.on('message', (message: FromThread) => {
      if (Array.isArray(message)) for (const report of message) keep(report, recorder);
    });
    thread.on('error', (error) => trouble(messageOf(error)));
    thread.on('exit', () => trouble(`the thread ${module} has ended`));
    stack.defer(async () => {
      await thread.terminate();
    });
    return thread;
  };
  const controlUrl = await controlServer(start('./control-thread'), ended.signal);
  const target = slot.current;
  const health = declared.health && endpointOf(target, declared.health);
  const { healthHz, maxOpen } = declared.probing;
  start('./health-thread', {
    ...{ health, controlUrl, rateHz: healthHz, maxOpen },
  } satisfies HealthThreadOptions);
  const sampler = start('./sampler-thread', {
    rootPid: target.processes.rootPid,
    companions,
    peers,
    temporaryFolder: target.temporaryFolder,
    resourcesEveryMs: resourcesEveryMs(declared.limits),
    ready: declared.readiness && endpointOf(target, declared.readiness),
    timeoutMs: declared.limits.requestMs,
  } satisfies SamplerThreadOptions);
  slot.onStarted(({ processes }) => sampler.postMessage({ follow: processes.rootPid }));
  const telling = tellingProbes(environment);
  for (const probe of telling) stack.use(probe);
  let samples = 0;
  const owned = stack.move();
  return {
    async sampleNow() {
      const id = ++samples;
      await Promise.all([
        sampled(sampler, id, ended.signal),
        ...telling.map((probe) => probe.sampleNow()),
      ]);
    },
    async [Symbol.asyncDispose]() {
      wanted = false;
      await owned.disposeAsync();
    },
  };
}

/** A socket that stays closed and unread for longer than a request may take is seen more than once. */
function resourcesEveryMs({ requestMs }: Limits): number {
  return Math.min(5_000, Math.max(500, requestMs / 2));
}

const PROGRESS_EVERY_MS = 250;
const TASKS_EVERY_MS = 5_000;

function tellingProbes({ declared, slot, recorder }: ProbeOptions['environment']): TellingProbe[] {
  const common = {
    target: () => slot.current,
    timeoutMs: declared.limits.requestMs,
    onReport: (report: ProbeReport) => keep(report, recorder),
  };
  const probes: TellingProbe[] = [];
  if (declared.progress) {
    probes.push(
      startTellingProbe({
        ...{ ...common, source: declared.progress, everyMs: PROGRESS_EVERY_MS },
        event: (progress, latencyMs) => ({ kind: 'progress', progress, latencyMs }),
      }),
    );
  }
  if (declared.tasks) {
    probes.push(
      startTellingProbe({
        ...{ ...common, source: declared.tasks, everyMs: TASKS_EVERY_MS },
        event: (count, latencyMs) => ({ kind: 'tasks', count, latencyMs }),
      }),
    );
  }
  return probes;
}

/** Resolves when the sampler has answered, or has ended. */
function sampled(sampler: Worker, id: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      sampler.off('message', onMessage);
      ended.removeEventListener('abort', done);
      resolve();
    };
    const onMessage = (message: FromThread): void => {
      if ('sampled' in message && message.sampled === id) done();
    };
    if (ended.aborted) return resolve();
    sampler.on('message', onMessage);
    ended.addEventListener('abort', done);
    sampler.postMessage({ sample: id });
  });
}

function controlServer(thread: Worker, ended: AbortSignal): Promise<string> {
  const url = Promise.withResolvers<string>();
  const failed = (): void =>
    url.reject(
      new HanglabError('probes-failed', 'the control server did not come up', {
        exitCode: EXIT.internal,
      }),
    );
  const late = setTimeout(failed, CONTROL_MS);
  ended.addEventListener('abort', failed, { once: true });
  thread.once('message', (message: { url: string }) => url.resolve(message.url));
  return url.promise.finally(() => {
    clearTimeout(late);
    ended.removeEventListener('abort', failed);
  });
}

function endpointOf({ host, port }: RunningTarget, { path, headers, good }: HttpProbe) {
  return { url: `http://${host}:${port}${path}`, headers: { ...headers }, good };
}

function keep({ atMs, body }: ProbeReport, recorder: Recorder): void {
  if (body.kind !== 'health' && body.kind !== 'control') {
    recorder.record(body, atMs);
    return;
  }
  // The thread knows only the machine's clock; the history counts from the run's start.
  const intendedT = round(body.intendedT - recorder.startedAtMs);
  const controlMs = round(body.controlMs);
  if (body.kind === 'control') recorder.record({ ...body, intendedT, controlMs }, atMs);
  else {
    const latencyMs = round(body.latencyMs);
    recorder.record({ ...body, intendedT, latencyMs, controlMs }, atMs);
  }
}

const round = (ms: number): number => Math.round(ms * 100) / 100;
