import { monotonicMs } from '../../../platform/clock.ts';
import { type Chunk, END, INTERRUPTED, type Stub } from '../pipe/stub.ts';
import { noop } from './noop.ts';
import type { ToxicKind } from './toxic.ts';

interface State {
  passedBytes: number;
  over: boolean;
}

/**
 * Holds everything back, the end of the stream too, once `after` bytes have passed; nothing is lost.
 * It lets go `duration` ms after that, or when `bytes` bytes are held back, whichever comes first;
 * with 0 for both, when it is taken away. Once for each connection.
 */
export const stall: ToxicKind<{ after: number; duration: number; bytes: number }> = {
  type: 'stall',
  typeName: 'StallToxic',
  attributes: {
    after: { type: 'int64', min: 0 },
    duration: { type: 'int64', min: 0 },
    // What is held lies in memory.
    bytes: { type: 'int64', min: 0, max: 64 * 1024 * 1024 },
  },
  extra: true,
  async pipe(stub, { after: afterBytes, duration: durationMs, bytes: releaseBytes }, random) {
    stub.state ??= { passedBytes: 0, over: false } satisfies State;
    const state = stub.state as State;
    while (!state.over && state.passedBytes < afterBytes) {
      const chunk = await stub.read();
      if (chunk === INTERRUPTED) return;
      if (chunk === END) return stub.close();
      const { data, receivedMs } = chunk;
      const passing = data.subarray(0, afterBytes - state.passedBytes);
      stub.giveBack({ data: data.subarray(passing.length), receivedMs });
      state.passedBytes += passing.length;
      await stub.write({ data: passing, receivedMs });
    }
    if (!state.over) {
      const held: Chunk[] = [];
      state.over = await hold(stub, held, durationMs || Infinity, releaseBytes || Infinity);
      stub.giveBack(...held);
    }
    return noop.pipe(stub, {}, random, undefined);
  },
};

/** Collects what comes in; false when interrupted before one of the limits is reached. */
async function hold(stub: Stub, held: Chunk[], ms: number, limitBytes: number): Promise<boolean> {
  // Without a limit in bytes nothing need be read: what cannot be handed on holds up the sender.
  if (limitBytes === Number.POSITIVE_INFINITY) return stub.sleep(ms);
  const until = monotonicMs() + ms;
  let heldBytes = 0;
  while (heldBytes < limitBytes) {
    const chunk = await stub.readWithin(until - monotonicMs());
    if (chunk === INTERRUPTED) return false;
    if (chunk === undefined) return true;
    if (chunk === END) return stub.sleep(until - monotonicMs());
    held.push(chunk);
    heldBytes += chunk.data.length;
  }
  return true;
}
