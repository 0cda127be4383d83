/** Our own server of Toxiproxy's protocol, in a worker thread: it dies with hanglab. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { EXIT, HanglabError, messageOf } from '../../platform/errors.ts';
import { moduleUrl } from '../../platform/module-url.ts';
import type { Started } from '../embedded/worker.ts';
import type { ProvidedServer, ProviderOptions } from '../provider.ts';

/** A thread that has not ended by itself in this time is ended. */
const STOP_TIMEOUT_MS = 2_000;

export async function startEmbedded(options: ProviderOptions): Promise<ProvidedServer> {
  const worker = new Worker(moduleUrl('../embedded/worker', import.meta.url), {
    workerData: { port: 0, seed: options.seed, extras: true },
    name: 'hanglab-toxiproxy',
  });
  let stopping = false;
  worker.on('error', (error) => {
    if (!stopping) options.onTrouble(`the embedded Toxiproxy has failed: ${messageOf(error)}`);
  });
  worker.on('exit', () => {
    if (!stopping) options.onTrouble('the embedded Toxiproxy has ended');
    stopping = true;
  });
  const [started] = (await Promise.race([
    once(worker, 'message'),
    once(worker, 'exit').then(() => [{ failed: 'its thread has ended' }]),
  ])) as [Started];
  if ('failed' in started) {
    stopping = true;
    await worker.terminate();
    throw new HanglabError(
      'toxiproxy-not-started',
      `the embedded Toxiproxy did not start: ${started.failed}`,
      { exitCode: EXIT.cannotRunHere },
    );
  }
  return {
    url: started.url,
    async [Symbol.asyncDispose]() {
      if (stopping) return;
      stopping = true;
      const exited = once(worker, 'exit');
      const late = setTimeout(() => void worker.terminate(), STOP_TIMEOUT_MS);
      worker.postMessage('stop');
      await exited;
      clearTimeout(late);
    },
  };
}
