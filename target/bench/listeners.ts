/** Clients of the event stream, in a separate thread so that they do not delay the measurement. */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { WebSocket } from 'ws';

const NAME = 'bench-listeners';
const REPORT_MS = 20;

export interface Heard {
  /** Characters of the answer that the slowest client has received. */
  characters: number;
  /** Bytes that all clients have received. */
  bytes: number;
  /** Clients that the server has dropped. */
  dropped: number;
}

export interface Listeners extends AsyncDisposable {
  readonly heard: Heard;
}

export async function startListeners(url: string, count: number): Promise<Listeners> {
  const thread = new Worker(new URL(import.meta.url), { workerData: { name: NAME, url, count } });
  const listeners = {
    heard: { characters: 0, bytes: 0, dropped: 0 },
    async [Symbol.asyncDispose]() {
      await thread.terminate();
    },
  };
  await once(thread, 'message');
  thread.on('message', (heard: Heard) => {
    listeners.heard = heard;
  });
  return listeners;
}

async function listen({ url, count }: { url: string; count: number }): Promise<void> {
  const characters = new Array<number>(count).fill(0);
  let bytes = 0;
  let dropped = 0;
  const sockets = characters.map((_, n) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/events`);
    socket.on('message', (data: Buffer) => {
      bytes += data.length;
      const event = JSON.parse(data.toString('utf8'));
      if (event.type !== 'delta') return;
      const sent = event.pieces.reduce(
        (sum: number, piece: { text: string }) => sum + piece.text.length,
        event.offset,
      );
      characters[n] = Math.max(characters[n] as number, sent);
    });
    socket.on('close', () => dropped++);
    socket.on('error', () => {});
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'open')));
  setInterval(() => {
    parentPort?.postMessage({ characters: Math.min(...characters), bytes, dropped });
  }, REPORT_MS);
}

if (!isMainThread && workerData?.name === NAME) await listen(workerData);
