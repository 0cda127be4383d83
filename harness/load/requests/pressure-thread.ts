/** autocannon in a thread of its own: requests at full speed over a few connections, until it is stopped. */
import { parentPort, workerData } from 'node:worker_threads';
import autocannon, { type Options, type Result } from 'autocannon';

export interface PressureOrder {
  url: string;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body: string | null;
  connections: number;
}

const { url, method, headers, body, connections } = workerData as PressureOrder;
/** It runs until it is told to stop: a day is longer than any phase, and what its timer can hold. */
const DAY_S = 86_400;
/** A request that takes longer counts as failed: autocannon has no request without a limit. */
const TIMEOUT_S = 30;

const options: Options = {
  url,
  method,
  headers,
  connections,
  duration: DAY_S,
  timeout: TIMEOUT_S,
  ...(body === null ? {} : { body }),
};

// Outside the main thread autocannon leaves its histograms packed; its types do not know the unpacking.
const { aggregateResult } = autocannon as unknown as {
  aggregateResult(results: unknown[], options: Options): Result;
};

const instance = autocannon(options, (error, packed) => {
  if (error) throw error;
  const { latency, requests, non2xx, errors } = aggregateResult([packed], options);
  const { p50, p99, max } = latency;
  parentPort?.postMessage({
    requests: requests.total,
    refused: non2xx,
    failed: errors,
    p50Ms: p50,
    p99Ms: p99,
    maxMs: max,
  });
  parentPort?.close();
});
parentPort?.on('message', () => instance.stop());
