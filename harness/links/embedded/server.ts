/** The embedded Toxiproxy: the API's HTTP server and all that it started, as one thing to dispose. */
import { once } from 'node:events';
import { createApi } from './api/api.ts';
import { badRequestBody } from './api/api-error.ts';
import { JsonError, parseJson } from './api/go-json.ts';
import { createHttpServer } from './api/http.ts';
import { type Log, noLog } from './log.ts';
import { joinHostPort } from './proxy/address.ts';

export interface EmbeddedServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Of the API. */
  readonly url: string;
  /** Creates the proxies that stand in `json`; what is wrong with it, or null. */
  populate(json: Buffer): Promise<string | null>;
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
  /** Nowhere when not given. */
  log?: Log;
}

export async function startEmbeddedServer(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { host = '127.0.0.1', port, seed, extras = false, log = noLog } = options;
  const runtimeMetrics = options.runtimeMetrics ? await createRuntimeMetrics() : undefined;
  const api = createApi({
    seed,
    extras,
    log,
    proxyMetrics: options.proxyMetrics ?? false,
    ...(runtimeMetrics ? { runtimeMetrics } : {}),
  });
  const server = createHttpServer(api.routes, log);
  server.listen({ host, port });
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the API has no address');
  return {
    host: bound.address,
    port: bound.port,
    url: `http://${joinHostPort({ host: bound.address, port: bound.port })}`,
    async populate(json) {
      try {
        const { body, status } = await api.populate(parseJson(json));
        return status < 400 ? null : String((body as { error?: string }).error);
      } catch (error) {
        if (error instanceof JsonError) return badRequestBody(error.message).message;
        throw error;
      }
    },
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
