/** Bytes to and from the model: connection pools on undici, and nothing that waits for ever. */
import { Pool } from 'undici';
import type { Config } from '../config/schema.ts';
import { untilAborted } from '../scope.ts';
import type { ModelLink } from './failure.ts';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** Must be read to its end or destroyed, or its connection is lost to the pool. */
  body: AsyncIterable<Uint8Array> & { destroy(): void };
}

export interface Transport extends AsyncDisposable {
  post(link: ModelLink, path: string, body: unknown, signal: AbortSignal): Promise<Answer>;
}

export interface TransportOptions {
  /** In place of those that pools have here. */
  pool?: Partial<Pool.Options>;
  /** Bytes of an answer that are taken in before somebody reads them; otherwise undici's own. */
  highWaterMark?: number;
}

/** undici's own timers are off: one place owns the deadlines of an attempt, and that is not here. */
export function undiciTransport(config: Config, options: TransportOptions = {}): Transport {
  const bases = { llm: new URL(config.modelUrl), embeddings: new URL(config.embeddingsUrl) };
  const pool = (base: URL) =>
    new Pool(base.origin, {
      connections:
        config.permits +
        config.searchPermits +
        config.turnPermits +
        config.sessionPermits +
        config.cascadeSlots,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: config.attemptMs },
      // Idle connections go soon: what stays open after the work is then a finding.
      keepAliveTimeout: config.attemptMs,
      keepAliveMaxTimeout: config.attemptMs,
      ...options.pool,
    });
  const pools = { llm: pool(bases.llm), embeddings: pool(bases.embeddings) };
  const headers = {
    'content-type': 'application/json',
    ...(config.apiKey ? { authorization: `Bearer ${config.apiKey}` } : {}),
  };
  return {
    async post(link, path, body, signal) {
      const asked = pools[link].request({
        method: 'POST',
        path: `${bases[link].pathname}${path}`,
        headers,
        body: JSON.stringify(body),
        signal,
        ...(options.highWaterMark === undefined ? {} : { highWaterMark: options.highWaterMark }),
      });
      // undici looks at the signal of a request only when that has a connection: it may never get one.
      const answer = await untilAborted(asked, signal);
      // A body that is destroyed reports it to listeners; without one the process would end.
      answer.body.on('error', () => {});
      return { status: answer.statusCode, headers: answer.headers, body: answer.body };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([pools.llm.destroy(), pools.embeddings.destroy()]);
    },
  };
}
