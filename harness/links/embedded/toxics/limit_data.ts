import { END, INTERRUPTED } from '../pipe/stub.ts';
import type { ToxicKind } from './toxic.ts';

/** Closes the connection once `bytes` bytes have passed; those pass, and nothing after them. */
export const limitData: ToxicKind<{ bytes: number }> = {
  type: 'limit_data',
  typeName: 'LimitDataToxic',
  attributes: { bytes: { type: 'int64' } },
  async pipe(stub, { bytes: limitBytes }) {
    // Counted over the connection's whole life, so that a changed limit counts what has passed.
    let passedBytes = (stub.state as number | undefined) ?? 0;
    for (;;) {
      const chunk = await stub.read();
      if (chunk === INTERRUPTED) return;
      if (chunk === END) return stub.close();
      const data = chunk.data.subarray(0, Math.max(0, limitBytes - passedBytes));
      passedBytes += data.length;
      stub.state = passedBytes;
      await stub.write({ data, receivedMs: chunk.receivedMs });
      if (passedBytes >= limitBytes) return stub.close();
    }
  },
};
