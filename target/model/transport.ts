/** Bytes to and from the model, over undici's connection pools. No call waits without a limit. */
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
  /** Override the options that the pools have here. */
  pool?: Partial<Pool.Options>;
  /** Bytes of an answer that are buffered before they are read; undici's own value by default. */
  highWaterMark?: number;
}

/** undici's own timers are off: attempt.ts owns the deadlines of an attempt. */
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
      // Idle connections close soon, so whatever stays open after the work is a finding.
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
      // undici checks the signal only once the request has a connection, which may never happen.
      const answer = await untilAborted(asked, signal);
      // Destroying a body emits an error; without a listener the process would exit.
      answer.body.on('error', () => {});
      return { status: answer.statusCode, headers: answer.headers, body: answer.body };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([pools.llm.destroy(), pools.embeddings.destroy()]);
    },
  };
}
