/** The embedded Toxiproxy: the API's HTTP server and all that it started, as one thing to dispose. */
import { once } from 'node:events';
import { createApi } from './api/api.ts';
import { createHttpServer } from './api/http.ts';
import { joinHostPort } from './proxy/address.ts';

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
  /** Serves bytes of each proxy, and figures of this process, at /metrics. */
  proxyMetrics?: boolean;
  runtimeMetrics?: boolean;
}

export async function startEmbeddedServer(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { host = '127.0.0.1', port, seed, extras = false } = options;
  const runtimeMetrics = options.runtimeMetrics ? await createRuntimeMetrics() : undefined;
  const api = createApi({
    seed,
    extras,
    proxyMetrics: options.proxyMetrics ?? false,
    ...(runtimeMetrics ? { runtimeMetrics } : {}),
  });
  const server = createHttpServer(api.routes);
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

/** Loaded only when asked for: its collectors watch the event loop from then on. */
async function createRuntimeMetrics(): Promise<() => Promise<string>> {
  const { collectDefaultMetrics, Registry } = await import('prom-client');
  const register = new Registry();
  collectDefaultMetrics({ register });
  return () => register.metrics();
}
