import { monotonicMs } from '../../../platform/clock.ts';
import { END, INTERRUPTED } from '../pipe/stub.ts';
import type { ToxicKind } from './toxic.ts';

/** A chunk that takes longer than this is sent in pieces of this length. */
const PIECE_MS = 100;

/**
 * Hands on at most `rate` KB (1000 bytes) a second. At rate 0 nothing passes once a byte has come
 * in, not even the end of the stream, until the toxic is changed or taken away.
 */
export const bandwidth: ToxicKind<{ rate: number }> = {
  type: 'bandwidth',
  typeName: 'BandwidthToxic',
  attributes: { rate: { type: 'int64', min: 0 } },
  async pipe(stub, { rate: bytesPerMs }) {
    // When the last byte sent would have left a wire of this rate. Counting from there, and not from
    // when a timer woke us, keeps the rate true over many chunks.
    let wireFreeMs = monotonicMs();
    for (;;) {
      const chunk = await stub.read();
      if (chunk === INTERRUPTED) return;
      if (chunk === END) return stub.close();
      if (bytesPerMs <= 0) {
        await stub.sleep(Number.POSITIVE_INFINITY);
        return stub.giveBack(chunk);
      }
      wireFreeMs = Math.max(wireFreeMs, chunk.receivedMs);
      let rest = chunk.data;
      while (rest.length > 0) {
        const piece = rest.subarray(0, bytesPerMs * PIECE_MS);
        const dueMs = wireFreeMs + piece.length / bytesPerMs;
        if (!(await stub.sleep(dueMs - monotonicMs()))) {
          return stub.giveBack({ data: rest, receivedMs: chunk.receivedMs });
        }
        wireFreeMs = dueMs;
        rest = rest.subarray(piece.length);
        await stub.write({ data: piece, receivedMs: chunk.receivedMs });
      }
    }
  },
};
