/** Listens, and never accepts: this thread stands still as soon as the kernel takes connections for it. */
import { createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

createServer().listen(workerData as { host: string; port: number; backlog: number }, () => {
  parentPort?.postMessage('listening');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
