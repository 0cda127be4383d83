/** The model's ports: plain or with TLS, and none of them ever ends a connection that is merely idle. */
import type { RequestListener, Server } from 'node:http';
import { type AddressInfo, isIPv6, type Socket } from 'node:net';
import { HanglabError, messageOf } from '../../platform/errors.ts';
import { setTransport } from '../delivery/reset.ts';
import type { Certificate } from './certificate.ts';

// An import would also load what node:http exports of fetch and WebSocket: 15 MB more.
const { createServer: createPlain } = process.getBuiltinModule('node:http');

export interface Port {
  readonly port: number;
  /** What clients take for their base URL, without `/v1`. */
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * Node's own limits are off: a keep-alive connection that is idle, a request that arrives slowly and an
 * answer that never comes all stay as they are, so that a black hole is one for as long as it has to be.
 */
const NEVER_CLOSES = { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 };

/** More than any system allows: the system's own limit counts. */
const BACKLOG = 4096;

/** @throws HanglabError `port-busy`, `cannot-listen`. */
export async function listen(
  handler: RequestListener,
  { host, port, certificate }: { host: string; port: number; certificate: Certificate | null },
): Promise<Port> {
  const server: Server = certificate
    ? process
        .getBuiltinModule('node:https')
        .createServer(
          { ...NEVER_CLOSES, key: certificate.key, cert: certificate.certificate },
          handler,
        )
    : createPlain(NEVER_CLOSES, handler);
  server.timeout = 0;
  if (certificate) linkTransports(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen({ port, host, backlog: BACKLOG }, resolve);
  });
  const address = server.address() as AddressInfo;
  const named = isIPv6(host) ? `[${host}]` : host;
  return {
    port: address.port,
    origin: `${certificate ? 'https' : 'http'}://${named}:${address.port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Notes which TCP socket is below which TLS socket: both have the same other end. */
function linkTransports(server: Server): void {
  const below = new Map<string, Socket>();
  const endOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
  server.on('connection', (transport: Socket) => {
    const end = endOf(transport);
    below.set(end, transport);
    transport.once('close', () => below.delete(end));
  });
  server.on('secureConnection', (secure: Socket) => {
    const transport = below.get(endOf(secure));
    if (transport) setTransport(secure, transport);
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): HanglabError {
  const where = `The scripted model cannot listen on ${host}:${port}`;
  if (error.code === 'EADDRINUSE') {
    const message = `${where}: another process does. Give another port, or 0 for any free one.`;
    return new HanglabError('port-busy', message, { cause: error });
  }
  return new HanglabError('cannot-listen', `${where}: ${messageOf(error)}`, { cause: error });
}
