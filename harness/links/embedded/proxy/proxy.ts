/** One proxy: its listener, its connections, and the toxics on them. */
import type { Socket } from 'node:net';
import { monotonicMs } from '../../../platform/clock.ts';
import type { Random } from '../../../platform/random.ts';
import type { Log } from '../log.ts';
import { appliesTo, type Direction, type Toxic } from '../pipe/pipe.ts';
import { joinHostPort, resolve } from './address.ts';
import { addressOf, type Connection, type ConnectionFacts, joinSockets } from './connection.ts';
import { type Listener, listenDeafOn, listenOn } from './listener.ts';
import { createPendingConnects } from './pending-connects.ts';
import type { Traffic } from './traffic.ts';

/** How many ended connections the list of connections keeps. */
const ENDED_KEPT = 100;

export interface TcpProxy {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  readonly toxics: readonly Toxic[];
  /** How many connections it has accepted so far. */
  readonly accepted: number;
  /** Of those being opened, the open ones, and the last that have ended, in the order of their numbers. */
  facts(): ConnectionFacts[];
  /** @throws AddressError when it cannot listen. */
  start(): Promise<void>;
  /** Stops listening, and closes all connections. */
  stop(): Promise<void>;
  /** True when its listener or its upstream would have to change. */
  differs(listen: string, upstream: string): Promise<boolean>;
  update(to: { listen: string; upstream: string; enabled: boolean }): Promise<void>;
  addToxic(toxic: Toxic): Promise<void>;
  updateToxic(toxic: Toxic): Promise<void>;
  removeToxic(toxic: Toxic): Promise<void>;
}

export function createProxy(options: {
  name: string;
  listen: string;
  upstream: string;
  random: Random;
  traffic: Traffic;
  log: Log;
}): TcpProxy {
  const { name } = options;
  let { listen, upstream } = options;
  let listener: Listener | undefined;
  let accepted = 0;
  let toxics: Toxic[] = [];
  const pendingConnects = createPendingConnects();
  /** Those whose upstream has not answered yet, by their numbers. */
  const opening = new Map<number, ConnectionFacts>();
  const connections = new Set<Connection>();
  let ended: ConnectionFacts[] = [];

  const log: Log = (level, message, fields) =>
    options.log(level, message, { name, listen, upstream, ...fields });
  const keep = (facts: ConnectionFacts): void => {
    ended = [...ended, facts].slice(-ENDED_KEPT);
  };
  const closed = (connection: Connection): void => {
    connections.delete(connection);
    const facts = connection.facts();
    keep(facts);
    for (const { direction, receivedBytes, sentBytes } of Object.values(connection.pipes)) {
      options.traffic.count(proxy, direction, receivedBytes, sentBytes);
    }
    log('info', 'Closed connection', {
      client: facts.client,
      connection: facts.number,
      ended_first: facts.ending?.by,
      ended_how: facts.ending?.how,
      upstream_bytes: facts.upstream.sent,
      downstream_bytes: facts.downstream.sent,
    });
  };
  // Made here, so that it does not hold on to the sockets that `accept` knows.
  const randomOf = (number: number) => () => options.random.fork(`connection ${number}`);
  /** The longest that a toxic has the connection wait, or that it is refused. */
  const waitOf = (number: number): 'refuse' | number => {
    let waitMs = 0;
    for (const toxic of toxics) {
      if (!toxic.kind.opening || !appliesTo(toxic, number)) continue;
      const draw = randomOf(number)().fork(`opening ${toxic.name}`).next();
      if (draw >= toxic.toxicity) continue;
      // This one is itself among those that are being opened.
      const others = connections.size + opening.size - 1;
      const wait = toxic.kind.opening(toxic.attributes, others);
      if (wait === 'refuse') return wait;
      waitMs = Math.max(waitMs, wait);
    }
    return waitMs;
  };
  const accept = (client: Socket): void => {
    const number = ++accepted;
    const facts = newFacts(number, addressOf(client));
    opening.set(number, facts);
    log('info', 'Accepted client', { client: facts.client, connection: number });
    pendingConnects.open({
      client,
      upstream,
      wait: () => waitOf(number),
      onOpen: (upstreamSocket) => {
        opening.delete(number);
        connections.add(
          joinSockets({
            client,
            server: upstreamSocket,
            toxics,
            number,
            random: randomOf(number),
            onClosed: closed,
          }),
        );
      },
      onFailed: (error) => {
        opening.delete(number);
        keep({ ...facts, error, closedMs: monotonicMs() });
        const about = { client: facts.client, connection: number, error };
        log('error', 'Unable to open connection to upstream', about);
      },
    });
  };
  const isDeaf = (): boolean => toxics.some(({ kind }) => kind.blocksConnects);
  /** On the same address, as one that hears or as one that does not. */
  const listenAgain = async (): Promise<void> => {
    if (!listener) return;
    await listener.close();
    listener = isDeaf() ? await listenDeafOn(listen) : await listenOn(listen, accept);
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
      return listener !== undefined;
    },
    get toxics() {
      return toxics;
    },
    get accepted() {
      return accepted;
    },
    facts() {
      const open = [...connections].map((connection) => connection.facts());
      return [...ended, ...opening.values(), ...open].sort((a, b) => a.number - b.number);
    },
    async start() {
      if (listener) return;
      listener = await listenOn(listen, accept);
      listen = listener.address;
      if (isDeaf()) await listenAgain();
      log('info', 'Started proxy');
    },
    async stop() {
      if (listener) log('info', 'Terminated proxy');
      const closing = listener?.close();
      listener = undefined;
      pendingConnects.closeAll();
      for (const connection of connections) connection.close();
      await closing;
    },
    async differs(otherListen, otherUpstream) {
      const address = otherListen === '' ? '' : joinHostPort(await resolve(otherListen));
      return address !== listen || otherUpstream !== upstream;
    },
    async update(to) {
      if (await proxy.differs(to.listen, to.upstream)) {
        await proxy.stop();
        listen = to.listen;
        upstream = to.upstream;
      }
      if (to.enabled) await proxy.start();
      else await proxy.stop();
    },
    async addToxic(toxic) {
      toxics = [...toxics, toxic];
      for (const pipe of pipesOf(toxic.direction)) pipe.add(toxic);
      if (toxic.kind.blocksConnects) await listenAgain();
    },
    async updateToxic(toxic) {
      pendingConnects.recheck();
      await Promise.all(pipesOf(toxic.direction).map((pipe) => pipe.update(toxic)));
    },
    async removeToxic(toxic) {
      toxics = toxics.filter((other) => other !== toxic);
      pendingConnects.recheck();
      if (toxic.kind.blocksConnects) await listenAgain();
      await Promise.all(pipesOf(toxic.direction).map((pipe) => pipe.remove(toxic)));
    },
  };
  return proxy;
}

function newFacts(number: number, client: string): ConnectionFacts {
  return {
    number,
    client,
    opened: false,
    openedMs: monotonicMs(),
    closedMs: undefined,
    ending: undefined,
    error: undefined,
    upstream: { received: 0, sent: 0 },
    downstream: { received: 0, sent: 0 },
  };
}
