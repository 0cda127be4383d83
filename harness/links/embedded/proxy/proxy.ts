/** One proxy: its listener, its connections, and the toxics on them. */
import type { Server, Socket } from 'node:net';
import type { Random } from '../../../platform/random.ts';
import type { Direction, Toxic } from '../pipe/pipe.ts';
import { joinHostPort, resolve } from './address.ts';
import { type Connection, type ConnectionFacts, joinSockets } from './connection.ts';
import { listenOn } from './listener.ts';
import { createOpenings } from './openings.ts';
import type { Traffic } from './traffic.ts';

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
  /** Of the open connections and of the last that have closed, in the order of their numbers. */
  facts(): ConnectionFacts[];
  /** @throws AddressError when it cannot listen. */
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
  const openings = createOpenings();
  const connections = new Set<Connection>();
  let closed: ConnectionFacts[] = [];

  const ended = (connection: Connection): void => {
    connections.delete(connection);
    closed = [...closed, connection.facts()].slice(-CLOSED_KEPT);
    for (const { direction, receivedBytes, sentBytes } of Object.values(connection.pipes)) {
      options.traffic.count(proxy, direction, receivedBytes, sentBytes);
    }
  };
  // Made here, so that it does not hold on to the sockets that `accept` knows.
  const randomOf = (number: number) => () => options.random.fork(`connection ${number}`);
  const accept = (client: Socket): void => {
    const number = ++accepted;
    openings.open(client, upstream, (upstreamSocket) => {
      connections.add(
        joinSockets({
          client,
          server: upstreamSocket,
          toxics,
          number,
          random: randomOf(number),
          onClosed: ended,
        }),
      );
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
    facts() {
      const open = [...connections].map((connection) => connection.facts());
      return [...closed, ...open].sort((a, b) => a.number - b.number);
    },
    async start() {
      if (server) return;
      const listening = await listenOn(listen, accept);
      server = listening.server;
      listen = listening.address;
    },
    stop() {
      server?.close();
      server = undefined;
      openings.closeAll();
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
