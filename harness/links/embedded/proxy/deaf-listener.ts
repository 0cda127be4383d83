/**
 * A listener that completes no handshake: a connection to it is neither accepted nor refused.
 *
 * The system completes handshakes by itself, as long as there is room in the listener's queue. So the
 * listener is one of a thread that never accepts, and its queue is filled. What would connect then sends
 * its SYN again and again, until the listener is an ordinary one again or its own patience ends.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** More than fit into the shortest queue that there is. */
const FILLING = 4;

/** It accepts nothing because it waits in the middle of its event loop, which costs no CPU. */
const PROGRAM = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { host, port, released } = workerData;
  const server = require('node:net').createServer((socket) => socket.destroy());
  server.on('error', ({ code }) => parentPort.postMessage({ code }));
  server.listen({ host, port, backlog: 1 }, () => {
    parentPort.postMessage({});
    Atomics.wait(released, 0, 0);
    server.close();
  });`;

/** @throws an error with the system's code when it cannot listen. */
export async function listenDeaf(host: string, port: number): Promise<{ close(): Promise<void> }> {
  const released = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(PROGRAM, { eval: true, workerData: { host, port, released } });
  const exited = once(worker, 'exit');
  const [{ code }] = (await once(worker, 'message')) as [{ code?: string }];
  if (code !== undefined) {
    await worker.terminate();
    throw Object.assign(new Error(`listen ${code}`), { code });
  }
  const sockets: Socket[] = [];
  for (let i = 0; i < FILLING; i++) {
    const target = host === '::' || host === '' ? 'localhost' : host;
    sockets.push(connect({ host: target, port }).on('error', () => {}));
  }
  await once(sockets[0] as Socket, 'connect');
  return {
    async close() {
      for (const socket of sockets) socket.destroy();
      Atomics.store(released, 0, 1);
      Atomics.notify(released, 0);
      await exited;
    },
  };
}
