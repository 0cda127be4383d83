/** One end of a TCP connection, as a test sees it: what came, when, and how it ended. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { monotonicMs } from '../../platform/clock.ts';

export interface Peer extends Disposable {
  readonly socket: Socket;
  /** All that has come so far. */
  readonly received: Buffer;
  /** The sizes of the pieces in which it came. */
  readonly pieces: readonly number[];
  /** How the other side ended it. */
  readonly ended: Promise<{ how: 'fin' | 'reset'; atMs: number }>;
  readonly hasEnded: boolean;
  /** Waits until `bytes` have come. Returns when that was. */
  until(bytes: number): Promise<number>;
  send(data: string | Uint8Array): void;
  /** Ends with a FIN, and still reads. */
  finish(): void;
  /** Ends with a RST. */
  reset(): void;
}

export function watchPeer(socket: Socket): Peer {
  const parts: Buffer[] = [];
  let bytes = 0;
  let hasEnded = false;
  let waiting: (() => void)[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<{
    how: 'fin' | 'reset';
    atMs: number;
  }>();
  const finish = (how: 'fin' | 'reset'): void => {
    hasEnded = true;
    resolve({ how, atMs: monotonicMs() });
  };
  socket.on('data', (part) => {
    parts.push(part as Buffer);
    bytes += part.length;
    for (const check of waiting) check();
  });
  socket.on('end', () => finish('fin'));
  socket.on('error', () => finish('reset'));
  return {
    socket,
    ended,
    get hasEnded() {
      return hasEnded;
    },
    get received() {
      return Buffer.concat(parts);
    },
    get pieces() {
      return parts.map(({ length }) => length);
    },
    async until(wanted) {
      if (bytes < wanted) {
        await new Promise<void>((done) => {
          const check = (): void => {
            if (bytes < wanted) return;
            waiting = waiting.filter((other) => other !== check);
            done();
          };
          waiting.push(check);
        });
      }
      return monotonicMs();
    },
    send: (data) => void socket.write(data),
    finish: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

export async function dial(listen: string): Promise<Peer> {
  const colon = listen.lastIndexOf(':');
  const socket = connect({
    host: listen.slice(0, colon),
    port: Number(listen.slice(colon + 1)),
    allowHalfOpen: true,
    noDelay: true,
  });
  await once(socket, 'connect');
  return watchPeer(socket);
}

export interface Upstream extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** The next connection that comes in, in order. */
  next(): Promise<Peer>;
}

/** An upstream that does nothing by itself: the test speaks for it. */
export async function listenAsUpstream(): Promise<Upstream> {
  const waiting: ((peer: Peer) => void)[] = [];
  const ready: Peer[] = [];
  const all: Socket[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    all.push(socket);
    const peer = watchPeer(socket);
    const taker = waiting.shift();
    if (taker) taker(peer);
    else ready.push(peer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    next() {
      const peer = ready.shift();
      return peer ? Promise.resolve(peer) : new Promise((resolve) => waiting.push(resolve));
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of all) socket.destroy();
    },
  };
}
