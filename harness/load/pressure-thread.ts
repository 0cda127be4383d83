/** autocannon in a thread of its own: requests at full speed over a few connections, until told to stop. */
import { parentPort, workerData } from 'node:worker_threads';
import autocannon, { type Options, type Result } from 'autocannon';

export interface PressureOrder {
  url: string;
  method: 'GET' | 'POST';
  body: string | null;
  connections: number;
}

const { url, method, body, connections } = workerData as PressureOrder;
const MAX_SECONDS = 600;

const options: Options = {
  url,
  method,
  connections,
  duration: MAX_SECONDS,
  timeout: 30,
  ...(body === null ? {} : { body, headers: { 'content-type': 'application/json' } }),
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
    ...{ requests: requests.total, refused: non2xx, failed: errors },
    ...{ p50Ms: p50, p99Ms: p99, maxMs: max },
  });
  parentPort?.close();
});
parentPort?.on('message', () => instance.stop());
