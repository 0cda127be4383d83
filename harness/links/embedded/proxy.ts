/** One proxy: its listener, its connections, and the toxics on them. */

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Random } from '../../random.ts';
import { AddressError, joinHostPort, resolve, splitHostPort } from './address.ts';
import { type Connection, joinSockets } from './connection.ts';
import type { Direction, Toxic } from './pipe.ts';
import type { Traffic } from './traffic.ts';

/** Both ends are probed when silent for this long, as Toxiproxy's are. */
const KEEP_ALIVE_MS = 15_000;

/** How many closed connections the list of connections still tells of. */
const CLOSED_KEPT = 100;

export interface TcpProxy {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  readonly toxics: readonly Toxic[];
  /** How many connections it has accepted so far. */
  readonly accepted: number;
  /** The open ones, and the last that have closed, in the order in which they were accepted. */
  readonly connections: readonly Connection[];
  start(): Promise<void>;
  /** Stops listening, and closes all connections. */
  stop(): void;
  /** True when its listener or its upstream would have to change. */
  differs(listen: string, upstream: string): Promise<boolean>;
  update(to: { listen: string; upstream: string; enabled: boolean }): Promise<void>;
  addToxic(toxic: Toxic): void;
  updateToxic(toxic: Toxic): Promise<void>;
  removeToxic(toxic: Toxic): Promise<void>;
}

export function createProxy(options: {
  name: string;
  listen: string;
  upstream: string;
  random: Random;
  traffic: Traffic;
}): TcpProxy {
  const { name } = options;
  let { listen, upstream } = options;
  let server: Server | undefined;
  let accepted = 0;
  let toxics: Toxic[] = [];
  const connections = new Set<Connection>();
  let closed: Connection[] = [];
  /** Clients whose upstream has not answered yet, and those upstreams. */
  const opening = new Set<Socket>();

  // Made here, so that it does not hold on to the sockets that `accept` knows.
  const randomOf = (number: number) => () => options.random.fork(`connection ${number}`);
  const ended = (connection: Connection): void => {
    connections.delete(connection);
    closed = [...closed, connection].slice(-CLOSED_KEPT);
    for (const { direction, receivedBytes, sentBytes } of Object.values(connection.pipes)) {
      options.traffic.count(proxy, direction, receivedBytes, sentBytes);
    }
  };
  const accept = (client: Socket): void => {
    const number = ++accepted;
    let target: { host: string; port: string };
    try {
      target = splitHostPort(upstream);
    } catch {
      client.destroy();
      return;
    }
    const upstreamSocket = connect({
      host: target.host || '127.0.0.1',
      port: Number(target.port),
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      allowHalfOpen: true,
    });
    opening.add(client).add(upstreamSocket);
    const giveUp = (): void => {
      opening.delete(client);
      opening.delete(upstreamSocket);
      client.destroy();
    };
    client.on('error', () => {});
    upstreamSocket.on('error', () => {});
    upstreamSocket.once('close', giveUp);
    upstreamSocket.once('connect', () => {
      upstreamSocket.off('close', giveUp);
      opening.delete(client);
      opening.delete(upstreamSocket);
      const connection = joinSockets({
        client,
        server: upstreamSocket,
        toxics,
        number,
        random: randomOf(number),
        onClosed: ended,
      });
      connections.add(connection);
    });
  };

  const pipesOf = (direction: Direction) => [...connections].map(({ pipes }) => pipes[direction]);

  const proxy: TcpProxy = {
    name,
    get listen() {
      return listen;
    },
    get upstream() {
      return upstream;
    },
    get enabled() {
      return server !== undefined;
    },
    get toxics() {
      return toxics;
    },
    get accepted() {
      return accepted;
    },
    get connections() {
      return [...closed, ...connections].sort((a, b) => a.number - b.number);
    },
    async start() {
      if (server) return;
      const listening = await listenOn(listen, accept);
      server = listening.server;
      listen = listening.address;
    },
    stop() {
      if (!server) return;
      const closing = server;
      server = undefined;
      closing.close();
      for (const socket of opening) socket.destroy();
      for (const connection of connections) connection.close();
    },
    async differs(otherListen, otherUpstream) {
      const address = otherListen === '' ? '' : joinHostPort(await resolve(otherListen));
      return address !== listen || otherUpstream !== upstream;
    },
    async update(to) {
      if (await proxy.differs(to.listen, to.upstream)) {
        proxy.stop();
        listen = to.listen;
        upstream = to.upstream;
      }
      if (to.enabled) await proxy.start();
      else proxy.stop();
    },
    addToxic(toxic) {
      toxics = [...toxics, toxic];
      for (const pipe of pipesOf(toxic.direction)) pipe.add(toxic);
    },
    async updateToxic(toxic) {
      await Promise.all(pipesOf(toxic.direction).map((pipe) => pipe.update(toxic)));
    },
    async removeToxic(toxic) {
      toxics = toxics.filter((other) => other !== toxic);
      await Promise.all(pipesOf(toxic.direction).map((pipe) => pipe.remove(toxic)));
    },
  };
  return proxy;
}

const SYSTEM_CALL_ERRORS: Record<string, string> = {
  EADDRINUSE: 'bind: address already in use',
  EACCES: 'bind: permission denied',
  EADDRNOTAVAIL: 'bind: cannot assign requested address',
};

async function listenOn(
  listen: string,
  accept: (client: Socket) => void,
): Promise<{ server: Server; address: string }> {
  const wanted = listen === '' ? { host: '', port: 0 } : await resolve(listen).catch(asListenError);
  const server = createServer(
    {
      pauseOnConnect: true,
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    },
    accept,
  );
  try {
    server.listen({
      port: wanted.port,
      host: wanted.host === '' ? '::' : wanted.host,
      backlog: 4096,
    });
    await once(server, 'listening');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const why = SYSTEM_CALL_ERRORS[code] ?? message;
    throw new AddressError(`listen tcp ${joinHostPort(wanted)}: ${why}`);
  }
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new AddressError('no address');
  return { server, address: joinHostPort({ host: bound.address, port: bound.port }) };
}

function asListenError(error: unknown): never {
  throw new AddressError(`listen tcp: ${(error as Error).message}`);
}
