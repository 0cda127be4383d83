import { monotonicMs } from '../../../platform/clock.ts';
import { END, INTERRUPTED } from '../pipe/stub.ts';
import type { ToxicKind } from './toxic.ts';

/** So long is the turn of one connection, when several want the wire at once. */
const TURN_MS = 5;

interface Wire {
  /** When it has carried all that has been given to it so far. */
  freeMs: number;
}

/**
 * Hands on at most `rate` KB (1000 bytes) a second over all connections of the proxy together, in turns.
 * At rate 0 nothing passes until the toxic is changed or taken away.
 */
export const sharedBandwidth: ToxicKind<{ rate: number }> = {
  type: 'shared_bandwidth',
  typeName: 'SharedBandwidthToxic',
  attributes: { rate: { type: 'int64', min: 0 } },
  extra: true,
  share: (): Wire => ({ freeMs: 0 }),
  async pipe(stub, { rate: bytesPerMs }, _random, shared) {
    const wire = shared as Wire;
    for (;;) {
      const chunk = await stub.read();
      if (chunk === INTERRUPTED) return;
      if (chunk === END) return stub.close();
      if (bytesPerMs <= 0) {
        await stub.sleep(Number.POSITIVE_INFINITY);
        return stub.giveBack(chunk);
      }
      let rest = chunk.data;
      while (rest.length > 0) {
        const piece = rest.subarray(0, bytesPerMs * TURN_MS);
        const dueMs = Math.max(wire.freeMs, monotonicMs()) + piece.length / bytesPerMs;
        wire.freeMs = dueMs;
        if (!(await stub.sleep(dueMs - monotonicMs()))) {
          return stub.giveBack({ data: rest, receivedMs: chunk.receivedMs });
        }
        rest = rest.subarray(piece.length);
        await stub.write({ data: piece, receivedMs: chunk.receivedMs });
      }
    }
  },
};
