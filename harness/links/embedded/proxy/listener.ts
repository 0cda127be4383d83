/** A proxy's listener, and its errors in Toxiproxy's words. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type Address, AddressError, joinHostPort, resolve } from './address.ts';

/** Both ends are probed when silent for this long, as Toxiproxy's are. */
export const KEEP_ALIVE_MS = 15_000;

/** More than any system allows: the system's own limit counts. */
const BACKLOG = 4096;

/** Where a proxy listens that was not told where. Toxiproxy would take all interfaces. */
const UNTOLD: Address = { host: '127.0.0.1', port: 0 };

const SYSTEM_ERRORS: Record<string, string> = {
  EADDRINUSE: 'bind: address already in use',
  EACCES: 'bind: permission denied',
  EADDRNOTAVAIL: 'bind: cannot assign requested address',
};

/**
 * Listens on `listen`; `accept` gets each client, not read from yet.
 * @throws AddressError
 */
export async function listenOn(
  listen: string,
  accept: (client: Socket) => void,
): Promise<{ server: Server; address: string }> {
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
    server.listen({ port: wanted.port, host: wanted.host || '::', backlog: BACKLOG });
    await once(server, 'listening');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new AddressError(`listen tcp ${joinHostPort(wanted)}: ${SYSTEM_ERRORS[code] ?? message}`);
  }
  // A client that could not be accepted, as when files have run out, is that client's loss only.
  server.on('error', () => {});
  const { address: host, port } = server.address() as { address: string; port: number };
  return { server, address: joinHostPort({ host, port }) };
}

function asListenError(error: unknown): never {
  throw new AddressError(`listen tcp: ${(error as Error).message}`);
}
