/**
 * The healthy mix: every operation of the target in turn, by a few clients at full speed, each of them one
 * request at a time. Every fourth request has a connection of its own, so that what a connection leaves behind
 * shows too. Nothing goes through a link, and nothing but counts is kept.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setMaxListeners } from 'node:events';
import { LatencyHistogram } from '../../checks/judging/latency-histogram.ts';
import { requestLimitMs } from '../../checks/liveness/every-request-ends.ts';
import type { Limits } from '../../history/events.ts';
import { monotonicMs } from '../../platform/clock.ts';
import { formatMs } from '../../platform/duration.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Inputs } from '../../requests/inputs.ts';
import { sendStream } from '../../requests/send-stream.ts';
import type { Address } from '../../target/endpoints.ts';
import { type HttpClient, httpClient } from '../../target/operations/http.ts';
import type { Input } from '../../target/operations/input.ts';
import type { Operation } from '../../target/operations/operation.ts';
import { TargetStuck, type Work } from '../rounds/subject.ts';

export interface MixOptions {
  address: Address;
  operations: readonly Operation[];
  limits: Limits;
  inputs: Inputs;
  clients: number;
  /** Called once when requests are open and none has ended for too long, before they are given up. */
  onStuck?(): Promise<void>;
}

/** When a client has had enough: by number of operations, or by time. */
export type Amount = { operations: number } | { ms: number };

const OWN_CONNECTION_EVERY = 4;
const BODY_BYTES = 2_000;
const LOOK_EVERY_MS = 250;

/** @throws TargetStuck */
export async function runMix(
  options: MixOptions,
  amount: Amount,
  stop: AbortSignal,
): Promise<Work> {
  const { address, clients, limits } = options;
  const latencies = new LatencyHistogram();
  const startMs = monotonicMs();
  const work = { operations: 0, failed: 0, unknown: 0 };
  let firstFailure: string | null = null;
  let begun = 0;
  let lastEndMs = startMs;
  const stuck = new AbortController();
  const signal = AbortSignal.any([stop, stuck.signal]);
  setMaxListeners(0, signal);
  const isEnough = (): boolean =>
    signal.aborted ||
    ('operations' in amount ? begun >= amount.operations : monotonicMs() - startMs >= amount.ms);
  using connections = countConnections(address.port);
  await using client = httpClient(`http://${address.host}:${address.port}`, clients);

  const one = async (
    operation: Operation,
    input: Input,
    isOwn: boolean,
  ): Promise<string | null> => {
    begun++;
    // A timer that is cleared: those of `AbortSignal.timeout` would pile up.
    const over = new AbortController();
    const giveUp = (): void => over.abort();
    const timer = setTimeout(giveUp, requestLimitMs({ ...limits, ...operation.limits }));
    signal.addEventListener('abort', giveUp);
    const sentMs = monotonicMs();
    const sent = await send({ client, limits }, operation, input, isOwn, over.signal);
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
    if (signal.aborted) return null;
    lastEndMs = monotonicMs();
    work.operations++;
    if (sent.failure === null) {
      latencies.add(lastEndMs - sentMs);
    } else {
      firstFailure ??= `${operation.name}: ${sent.failure}`;
      if (over.signal.aborted) work.unknown++;
      else work.failed++;
    }
    return sent.receipt;
  };
  const plan = inTurn(options.operations);
  const loop = async (): Promise<void> => {
    while (!isEnough()) {
      const { operation, deletion } = plan.next();
      const { inputs } = options;
      const input = inputs.input(inputs.nextIndex(), { bytes: operation.isSized ? BODY_BYTES : 0 });
      const id = await one(operation, input, begun % OWN_CONNECTION_EVERY === 0);
      if (deletion && id !== null) await one(deletion, { ...input, id }, false);
    }
  };
  const limitMs = requestLimitMs(limits);
  const looking = setInterval(async () => {
    if (monotonicMs() - lastEndMs < limitMs / 2 || signal.aborted) return;
    clearInterval(looking);
    await options.onStuck?.();
    stuck.abort();
  }, LOOK_EVERY_MS);
  try {
    await Promise.all(Array.from({ length: clients }, loop));
  } finally {
    clearInterval(looking);
  }
  stop.throwIfAborted();
  if (stuck.signal.aborted) {
    const sinceMs = monotonicMs() - lastEndMs;
    throw new TargetStuck(
      `${clients} requests are open and none has ended for ${formatMs(sinceMs)} (limit ${formatMs(limitMs)})`,
    );
  }
  const tookMs = Math.round(monotonicMs() - startMs);
  const opened = { connections: connections.count() };
  return { ...work, ...opened, firstFailure, tookMs, ...quantiles(latencies) };
}

/** Those that undici opens to this port of the machine from now on. */
function countConnections(port: number): Disposable & { count(): number } {
  let count = 0;
  const onConnected = (message: unknown): void => {
    const { connectParams } = message as { connectParams?: { port?: string } };
    if (Number(connectParams?.port) === port) count++;
  };
  subscribe(CONNECTED, onConnected);
  return { count: () => count, [Symbol.dispose]: () => void unsubscribe(CONNECTED, onConnected) };
}

const CONNECTED = 'undici:client:connected';

interface Sent {
  /** Why it is not as declared; null when it is. */
  failure: string | null;
  receipt: string | null;
}

async function send(
  { client, limits }: { client: HttpClient; limits: Limits },
  operation: Operation,
  input: Input,
  isOwn: boolean,
  signal: AbortSignal,
): Promise<Sent> {
  const wanted = operation.request(input);
  const headers = isOwn ? { ...wanted.headers, connection: 'close' } : wanted.headers;
  try {
    if (operation.stream) {
      const open = { signal, progress() {} };
      const sent = await sendStream(
        { client, limits, startedAtMs: 0 },
        operation,
        input,
        open,
        null,
      );
      return {
        failure: sent.outcome === 'ok' ? null : (sent.detail ?? sent.outcome),
        receipt: null,
      };
    }
    const { ok, detail, receipt } = operation.judge(
      await client.send({ ...wanted, headers }, signal),
      input,
    );
    return { failure: ok ? null : (detail ?? 'not as declared'), receipt };
  } catch (error) {
    return { failure: messageOf(error), receipt: null };
  }
}

/** Operations one after another. What deletes follows the write whose result it deletes. */
function inTurn(operations: readonly Operation[]): {
  next(): { operation: Operation; deletion: Operation | undefined };
} {
  const own = operations.filter(({ deletes }) => deletes === null);
  let turn = 0;
  return {
    next() {
      const operation = own[turn++ % own.length] as Operation;
      return { operation, deletion: operations.find(({ deletes }) => deletes === operation.name) };
    },
  };
}

function quantiles(latencies: LatencyHistogram): { p50Ms: number; p99Ms: number } {
  const round = (ms: number): number => Math.round(ms * 100) / 100;
  return { p50Ms: round(latencies.quantile(0.5)), p99Ms: round(latencies.quantile(0.99)) };
}
