/** Calibrates a target: starts it once without any fault, and sends each of its operations a few times alone. */
import { join } from 'node:path';
import type { Environment } from '../environment/environment.ts';
import { type EnvironmentOptions, startEnvironment } from '../environment/start.ts';
import type { EventOf } from '../history/events.ts';
import { openRecorder } from '../history/recorder.ts';
import { monotonicMs } from '../platform/clock.ts';
import { pause } from '../platform/wait.ts';
import { startProbes } from '../probes/start.ts';
import type { Operation } from '../target/operations/operation.ts';
import type { RunningTarget, Target } from '../target/target.ts';
import { type CalibratedOperation, type Calibration, inOrder, unanswered } from './calibration.ts';
import { giveUps } from './give-up.ts';

export interface CalibrateOptions extends Omit<EnvironmentOptions, 'recorder' | 'faulted'> {
  /** How long an answer is waited for; the target's own limit, or what a person waits. */
  answerMs: number;
  /** How often each operation is sent: three times when not given. */
  rounds?: number;
  /** Nobody has told the request limit: how long the server takes to give up on silent upstreams is measured too. */
  lacksLimit?: boolean;
  /** Live view: the operation that is tried. */
  onOperation?(name: string): void;
}

/** The first answer of a server is often its slowest: of three, the others tell what is usual. */
const ROUNDS = 3;
const BYTES = 10_000;
/** Background work of a write may call an upstream after its answer. */
const BACKGROUND_MS = 1_000;
/** Health is measured at rest for as long as it takes to get a few answers. */
const LEAST_HEALTH_ANSWERS = 4;
const MOST_HEALTH_MS = 5_000;

/** @throws HanglabError when the target does not come up. */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const { reportFolder, target, signal } = options;
  await using recorder = openRecorder(join(reportFolder, 'history.ndjson'));
  const health: EventOf<'health'>[] = [];
  const called = new Set<string>();
  recorder.onEvent((event) => {
    if (event.kind === 'health' && event.answered && event.good) health.push(event);
    if (event.kind === 'link') called.add(event.link);
    if (event.kind === 'model-start') {
      const role = event.operation === 'embeddings' ? 'embeddings' : 'chat';
      called.add(event.upstream).add(`${event.upstream} ${role}`);
    }
  });
  const about = { scenario: 'calibration', target: target.name, defect: null };
  const { limits } = target;
  recorder.record({ kind: 'run', ...about, seed: options.seed, limits }, recorder.startedAtMs);
  await target.prepare?.({
    signal,
    watchGroup: (pid, mark) => options.reaper.watchGroup(pid, mark),
    forgetGroup: (pid) => options.reaper.forgetGroup(pid),
  });
  const startingMs = monotonicMs();
  let describingMs = 0;
  const describe = async (running: RunningTarget): Promise<Target> => {
    const beganMs = monotonicMs();
    const described = (await options.describe?.(running)) ?? target;
    describingMs = monotonicMs() - beganMs;
    return described;
  };
  await using environment = await startEnvironment({
    ...{ ...options, describe, recorder },
    faulted: new Set(),
  });
  const startMs = monotonicMs() - startingMs - describingMs;
  const { declared } = environment;
  await using _probes = await startProbes({ environment, peers: {} });
  recorder.record({ kind: 'phase', phase: 'warmup' });
  const ids = new Map<string, string>();
  const operations: CalibratedOperation[] = [];
  let hasDied = false;
  void environment.slot.died.then(() => {
    hasDied = true;
  });
  for (const operation of inOrder(declared.operations)) {
    if (signal.aborted || hasDied) break;
    options.onOperation?.(operation.name);
    operations.push(await tryOperation(environment, operation, ids, options));
  }
  if (operations.some(({ name }) => declared.operations[name]?.kind === 'write')) {
    await pause(BACKGROUND_MS, signal);
  }
  if (declared.health && !hasDied) await untilMeasured(health, signal);
  signal.throwIfAborted();
  // Why it died, a scenario shows: with its last lines, and its diagnosis.
  for (const name of Object.keys(declared.operations)) {
    if (hasDied && !operations.some((each) => each.name === name)) {
      operations.push({ name, goodMs: [], last: null, uses: [], doneMs: null });
    }
  }
  const isFit = !hasDied && !unanswered({ operations }).length;
  const gaveUp = options.lacksLimit && isFit ? await giveUps(environment, operations, signal) : [];
  signal.throwIfAborted();
  const slowestMs = health.reduce((most, { latencyMs }) => Math.max(most, latencyMs), 0);
  const healthMs = health.length === 0 ? null : slowestMs;
  return { operations, healthMs, startMs, called, gaveUp };
}

async function untilMeasured(answers: readonly unknown[], signal: AbortSignal): Promise<void> {
  const deadlineMs = monotonicMs() + MOST_HEALTH_MS;
  while (answers.length < LEAST_HEALTH_ANSWERS && monotonicMs() < deadlineMs && !signal.aborted) {
    await pause(100, signal);
  }
}

async function tryOperation(
  environment: Environment,
  operation: Operation,
  ids: Map<string, string>,
  { answerMs, rounds = ROUNDS, signal }: CalibrateOptions,
): Promise<CalibratedOperation> {
  const { inputs, operations, sender } = environment;
  const goodMs: number[] = [];
  let last: CalibratedOperation['last'] = null;
  let doneMs: number | null = null;
  for (let round = 0; round < rounds && !signal.aborted; round++) {
    const made = inputs.input(inputs.nextIndex(), { bytes: BYTES });
    const id = operation.deletes === null ? null : (ids.get(operation.deletes) ?? null);
    // What it deletes is gone after the first time.
    if (operation.deletes !== null && (id === null || round > 0)) break;
    const input = { ...made, id };
    const startMs = monotonicMs();
    let result: Awaited<ReturnType<typeof sender.send>> | null = null;
    await operations.watch(operation, async () => {
      result = await within(answerMs, sender.send(operation, input), signal);
    });
    const sent = result as Awaited<ReturnType<typeof sender.send>> | null;
    if (sent === null) break;
    // A connection that broke is no answer.
    if (sent.status !== null) last = { status: sent.status, detail: sent.detail ?? null };
    if (sent.outcome !== 'ok') continue;
    goodMs.push(monotonicMs() - startMs);
    if (!sent.acknowledged) continue;
    ids.set(operation.name, sent.acknowledged);
    if (round > 0 || !operation.promises?.done) continue;
    const beganMs = monotonicMs();
    const done = sender.follow(operation, input, sent.acknowledged).then(() => 'done' as const);
    if ((await within(answerMs, done, signal)) !== null) doneMs = monotonicMs() - beganMs;
  }
  const uses = [...(operations.uses(operation) ?? [])];
  return { name: operation.name, goodMs, last, uses, doneMs };
}

/** What `work` comes to within the time; null when it does not. */
async function within<T>(ms: number, work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  const over = new AbortController();
  try {
    const late = pause(ms, AbortSignal.any([signal, over.signal])).then(() => null);
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}
