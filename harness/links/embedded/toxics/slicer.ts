import { monotonicMs } from '../../../platform/clock.ts';
import type { Random } from '../../../platform/random.ts';
import { END, INTERRUPTED } from '../pipe/stub.ts';
import type { ToxicKind } from './toxic.ts';

/**
 * Cuts chunks into pieces of `average_size` bytes, give or take `size_variation`, and waits `delay`
 * microseconds after each piece.
 */
export const slicer: ToxicKind<{ average_size: number; size_variation: number; delay: number }> = {
  type: 'slicer',
  typeName: 'SlicerToxic',
  attributes: {
    average_size: { type: 'int', min: 1 },
    size_variation: { type: 'int', min: 0 },
    delay: { type: 'int' },
  },
  refuse({ average_size: average, size_variation: variation }) {
    if (variation <= average) return undefined;
    return `size_variation must not be above average_size (${average}), got ${variation}`;
  },
  async pipe(stub, attributes, random) {
    const { average_size: average, size_variation: variation, delay } = attributes;
    for (;;) {
      const chunk = await stub.read();
      if (chunk === INTERRUPTED) return;
      if (chunk === END) return stub.close();
      const { data, receivedMs } = chunk;
      let sent = 0;
      let dueMs = monotonicMs();
      for (const end of cuts(0, data.length, average, variation, random)) {
        await stub.write({ data: data.subarray(sent, end), receivedMs });
        sent = end;
        // Counted from when it should have been, so that late timers do not add up; but a receiver
        // that held us up gets no burst to make up for it.
        dueMs = Math.max(dueMs + delay / 1000, monotonicMs());
        if (!(await stub.sleep(dueMs - monotonicMs()))) {
          return stub.giveBack({ data: data.subarray(sent), receivedMs });
        }
      }
    }
  },
};

/** Where the pieces of [start, end) end: halved, a little off the middle, until small enough. */
function* cuts(
  start: number,
  end: number,
  average: number,
  variation: number,
  random: Random,
): Generator<number> {
  if (end - start - average <= variation) {
    yield end;
    return;
  }
  const off = variation > 0 ? Math.floor(random.next() * 2 * variation) - variation : 0;
  const middle = start + Math.floor((end - start) / 2) + off;
  yield* cuts(start, middle, average, variation, random);
  yield* cuts(middle, end, average, variation, random);
}
