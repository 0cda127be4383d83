/** A proxy's listener, and its errors in Toxiproxy's words. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type Address, AddressError, joinHostPort, resolve } from './address.ts';
import { listenDeaf } from './deaf-listener.ts';

/** Both ends are probed when silent for this long, as Toxiproxy's are. */
export const KEEP_ALIVE_MS = 15_000;

/** More than any system allows: the system's own limit counts. */
const BACKLOG = 4096;

/** Where a proxy listens when no address is given. Toxiproxy would take all interfaces. */
const UNTOLD: Address = { host: '127.0.0.1', port: 0 };

const SYSTEM_ERRORS: Record<string, string> = {
  EADDRINUSE: 'bind: address already in use',
  EACCES: 'bind: permission denied',
  EADDRNOTAVAIL: 'bind: cannot assign requested address',
};

export interface Listener {
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Listens on `listen`; `accept` gets each client, not read from yet.
 * @throws AddressError
 */
export async function listenOn(
  listen: string,
  accept: (client: Socket) => void,
): Promise<Listener> {
  const wanted = listen === '' ? UNTOLD : await resolve(listen).catch(asListenError);
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
    await bind(server, wanted);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new AddressError(`listen tcp ${joinHostPort(wanted)}: ${SYSTEM_ERRORS[code] ?? message}`);
  }
  // A client that could not be accepted, as when files have run out, is that client's loss only.
  server.on('error', () => {});
  const { address: host, port } = server.address() as { address: string; port: number };
  return {
    address: joinHostPort({ host, port }),
    // Nothing waits for the connections that it has accepted.
    close: async () => void server.close(),
  };
}

/**
 * Listens on `listen` as one that completes no handshake.
 * @throws AddressError
 */
export async function listenDeafOn(listen: string): Promise<Listener> {
  const { host, port } = await resolve(listen).catch(asListenError);
  const all = host === '' || host === '0.0.0.0';
  const { close } = await listenDeaf(all ? '::' : host, port).catch((error) => {
    throw new AddressError(`listen tcp ${listen}: ${SYSTEM_ERRORS[error.code] ?? error.message}`);
  });
  return { address: listen, close };
}

/** All interfaces are those of IPv6 too, as Toxiproxy has it; where there is no IPv6, those of IPv4. */
async function bind(server: Server, { host, port }: Address): Promise<void> {
  const isAll = host === '' || host === '0.0.0.0';
  server.listen({ port, host: isAll ? '::' : host, backlog: BACKLOG });
  try {
    await once(server, 'listening');
  } catch (error) {
    if (!isAll || (error as NodeJS.ErrnoException).code !== 'EAFNOSUPPORT') throw error;
    server.listen({ port, host: '0.0.0.0', backlog: BACKLOG });
    await once(server, 'listening');
  }
}

function asListenError(error: unknown): never {
  throw new AddressError(`listen tcp: ${(error as Error).message}`);
}
