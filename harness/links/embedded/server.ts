/** The embedded Toxiproxy: the API's HTTP server and all that it started, as one thing to dispose. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { joinHostPort } from './address.ts';
import { createApi } from './api.ts';

export interface EmbeddedServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Of the API. */
  readonly url: string;
}

export interface EmbeddedOptions {
  /** Where the API listens; 127.0.0.1 when not given. */
  host?: string;
  /** 0: any free one. */
  port: number;
  /** Toxicity, jitter and slices are drawn from it: the same seed, the same draws. */
  seed: number;
  /** Switches on what Toxiproxy does not have. */
  extras?: boolean;
}

export async function startEmbeddedServer(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { host = '127.0.0.1', port, seed, extras = false } = options;
  const api = createApi({ seed, extras });
  const server = createServer((request, response) => void api.handle(request, response));
  server.listen({ host, port });
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the API has no address');
  return {
    host: bound.address,
    port: bound.port,
    url: `http://${joinHostPort({ host: bound.address, port: bound.port })}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await api.dispose();
    },
  };
}
