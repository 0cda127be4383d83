import { monotonicMs } from '../../../platform/clock.ts';
import { END, INTERRUPTED } from '../pipe/stub.ts';
import type { ToxicKind } from './toxic.ts';

/**
 * Hands every chunk on `latency` ms after it came in, give or take up to `jitter` ms. Chunks keep
 * their order and their distance; the end of the stream is not delayed, it only queues behind them.
 */
export const latency: ToxicKind<{ latency: number; jitter: number }> = {
  type: 'latency',
  typeName: 'LatencyToxic',
  attributes: { latency: { type: 'int64' }, jitter: { type: 'int64' } },
  bufferChunks: 1024,
  async pipe(stub, { latency: latencyMs, jitter: jitterMs }, random) {
    for (;;) {
      const chunk = await stub.read();
      if (chunk === INTERRUPTED) return;
      if (chunk === END) return stub.close();
      const swing = jitterMs > 0 ? Math.floor(random.next() * 2 * jitterMs) - jitterMs : 0;
      const dueMs = chunk.receivedMs + latencyMs + swing;
      await stub.sleep(dueMs - monotonicMs());
      await stub.write({ data: chunk.data, receivedMs: Math.max(dueMs, chunk.receivedMs) });
    }
  },
};
