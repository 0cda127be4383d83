/** The embedded Toxiproxy in a thread of its own: the harness's event loop cannot hold it up. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../platform/errors.ts';
import { type EmbeddedOptions, startEmbeddedServer } from './server.ts';

/** The first message of the thread: where the API listens, or why it does not. */
export type Started = { url: string } | { failed: string };

const port = parentPort;
if (!port) throw new Error('this module runs as a worker thread only');
try {
  const server = await startEmbeddedServer(workerData as EmbeddedOptions);
  port.once('message', () => {
    void server[Symbol.asyncDispose]().then(() => port.close());
  });
  port.postMessage({ url: server.url } satisfies Started);
} catch (error) {
  port.postMessage({ failed: messageOf(error) } satisfies Started);
}
