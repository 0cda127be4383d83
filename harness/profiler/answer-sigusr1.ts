/**
 * Loaded into a server that clinic's doctor watches. By SIGUSR1 Node opens its inspector, and hanglab looks
 * into a server that hangs; doctor catches the signal and does nothing. Here it is answered again.
 */
import { open, url } from 'node:inspector';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  // One listener stays all the time: without any, the signal would end the process.
  process.on('SIGUSR1', () => {
    if (url() === undefined) open(0, '127.0.0.1');
  });
}
