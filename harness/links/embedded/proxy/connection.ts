/** One client, its connection to the upstream, and the two pipes between them. */
import { Socket, type SocketConstructorOpts } from 'node:net';
import { monotonicMs } from '../../../platform/clock.ts';
import type { Random } from '../../../platform/random.ts';
import { createPipe, type Direction, type Pipe, type Toxic } from '../pipe/pipe.ts';
import { joinHostPort } from './address.ts';
import { pollOn } from './busy-poll.ts';

/** As much as Toxiproxy reads at once; a toxic sees chunks of at most this size. */
const READ_BYTES = 32 * 1024;

/** Most connections never read so much at once; one that has gets a buffer of its own. */
const OWN_FROM_BYTES = 4 * 1024;

/** What all others of this thread read into, one after the other: a thousand of them are cheap to hold. */
const shared = Buffer.allocUnsafeSlow(READ_BYTES);

const NOTHING = new Uint8Array(0);

/** Above all that is ever written at once: the streams' own flow control would only cost time. */
const WRITE_MARK_BYTES = 1024 * 1024;

/** Who ended a connection first, and how; `toxiproxy` when a toxic or the API did. */
export interface Ending {
  by: 'client' | 'upstream' | 'toxiproxy';
  how: 'fin' | 'reset' | 'closed';
}

/** What is known of a connection, without holding on to it. */
export interface ConnectionFacts {
  /** In the order in which the proxy accepted them, from 1. */
  number: number;
  /** The client's address. */
  client: string;
  /** Whether its upstream has answered. */
  opened: boolean;
  openedMs: number;
  /** When both ends were gone. */
  closedMs: number | undefined;
  ending: Ending | undefined;
  /** Why there was no connection to the upstream. */
  error: string | undefined;
  /** Bytes, by direction: received from one end, and sent to the other. */
  upstream: { received: number; sent: number };
  downstream: { received: number; sent: number };
}

export interface Connection {
  readonly pipes: Readonly<Record<Direction, Pipe>>;
  facts(): ConnectionFacts;
  /** Closes both ends at once; what is still under way is lost. */
  close(): void;
}

/**
 * Joins two connected sockets. Both must be paused; they are taken over whole.
 * `onClosed` is called once, when both are gone.
 */
export function joinSockets(options: {
  client: Socket;
  server: Socket;
  number: number;
  toxics: readonly Toxic[];
  random: () => Random;
  onClosed: (connection: Connection) => void;
}): Connection {
  // Nothing below may hold on to `options`: the sockets in it are empty shells once taken over.
  const { toxics, random, number, onClosed } = options;
  const client = fastSocket(options.client, (view) => pipes.upstream.receive(view));
  const server = fastSocket(options.server, (view) => pipes.downstream.receive(view));
  let ending: Ending | undefined;
  let closedMs: number | undefined;
  /** Known once both pipes are there. */
  let resets = false;

  const close = (socket: Socket): void => {
    if (socket.destroyed) return;
    ending ??= { by: 'toxiproxy', how: resets ? 'reset' : 'closed' };
    if (resets) socket.resetAndDestroy();
    else socket.destroy();
  };
  const pipe = (direction: Direction, from: Socket, to: Socket): Pipe =>
    createPipe({
      direction,
      destination: {
        write: (data, done) => write(to, data, done),
        close: () => close(to),
        // An end that is only half closed would never learn that the other one has gone.
        end: () => (from.destroyed ? close(to) : void to.end()),
      },
      resumeSource: () => void from.resume(),
      connectionNumber: number,
      random: () => random().fork(direction),
      toxics,
    });
  const pipes = {
    upstream: pipe('upstream', client, server),
    downstream: pipe('downstream', server, client),
  };
  // As Toxiproxy has it, this is settled when the connection opens; a toxicity that spares it counts.
  resets = pipes.upstream.resets || pipes.downstream.resets;
  const address = addressOf(client);
  const openedMs = monotonicMs();
  const bytes = ({ receivedBytes, sentBytes }: Pipe) => ({
    received: receivedBytes,
    sent: sentBytes,
  });
  const connection: Connection = {
    pipes,
    facts: () => ({
      opened: true,
      number,
      client: address,
      openedMs,
      closedMs,
      ending,
      error: undefined,
      upstream: bytes(pipes.upstream),
      downstream: bytes(pipes.downstream),
    }),
    close() {
      close(client);
      close(server);
    },
  };

  let open = 2;
  const watch = (socket: Socket, by: Ending['by'], from: Pipe, to: Pipe, other: Socket): void => {
    socket.on('error', () => {
      ending ??= { by, how: 'reset' };
    });
    socket.on('end', () => {
      ending ??= { by, how: 'fin' };
      from.sourceEnded();
    });
    socket.on('close', () => {
      from.sourceEnded();
      to.abandon();
      // After a half-close the other end would never learn that this one is gone.
      if (other.writableEnded) close(other);
      if (--open > 0) return;
      closedMs = monotonicMs();
      onClosed(connection);
    });
    socket.resume();
  };
  watch(client, 'client', pipes.upstream, pipes.downstream, server);
  watch(server, 'upstream', pipes.downstream, pipes.upstream, client);
  return connection;
}

export function addressOf({ remoteAddress: host = '', remotePort: port = 0 }: Socket): string {
  return joinHostPort({ host: host.replace(/^::ffff:/, ''), port });
}

/** True when the bytes are out of our hands; else `done` is called when they are. */
function write(socket: Socket, data: Uint8Array, done: () => void): boolean {
  if (socket.destroyed) return false;
  socket.write(data);
  // Most writes are over before write returns, and then the reader's buffer is free again. A
  // callback on each would cost those a turn of the queue; so one is asked for only when late.
  if (socket.writableLength === 0) return true;
  socket.write(NOTHING, done);
  return false;
}

/**
 * The same connection, read into a buffer that is used over and over, where a stream of its own
 * would make a new one for each chunk. `net.Server` cannot make such sockets, so the handle moves over.
 */
function fastSocket(accepted: Socket, receive: (view: Uint8Array) => boolean): Socket {
  const holder = accepted as unknown as { _handle: unknown };
  const handle = holder._handle;
  holder._handle = null;
  let next: Buffer | undefined = shared;
  const options = {
    handle,
    allowHalfOpen: true,
    writableHighWaterMark: WRITE_MARK_BYTES,
    onread: {
      // Asked at the start and after each read: undefined keeps the buffer.
      buffer: () => {
        const buffer = next;
        next = undefined;
        return buffer;
      },
      callback: (count: number, buffer: Buffer): boolean => {
        pollOn();
        const view = buffer.subarray(0, count);
        if (buffer !== shared) return receive(view);
        if (count > OWN_FROM_BYTES) next = Buffer.allocUnsafeSlow(READ_BYTES);
        // The next connection's bytes come to the same place, and these may not be sent by then.
        return receive(Buffer.from(view));
      },
    },
  };
  return new Socket(options as unknown as SocketConstructorOpts);
}
