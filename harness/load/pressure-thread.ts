/** autocannon in a thread of its own: requests at full speed over a few connections, until told to stop. */
import { parentPort, workerData } from 'node:worker_threads';
import autocannon from 'autocannon';

export interface PressureOrder {
  url: string;
  method: 'GET' | 'POST';
  body: string | null;
  connections: number;
}

const { url, method, body, connections } = workerData as PressureOrder;
const MAX_SECONDS = 600;

const instance = autocannon(
  {
    url,
    method,
    connections,
    duration: MAX_SECONDS,
    timeout: 30,
    ...(body === null ? {} : { body, headers: { 'content-type': 'application/json' } }),
  },
  (_error, result) => {
    const { latency } = result;
    parentPort?.postMessage({
      requests: result.requests.total,
      refused: result.non2xx,
      failed: result.errors,
      p50Ms: latency.p50,
      p99Ms: latency.p99,
      maxMs: latency.max,
    });
    parentPort?.close();
  },
);
parentPort?.on('message', () => instance.stop());
