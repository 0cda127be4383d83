import { END, INTERRUPTED } from '../pipe/stub.ts';
import type { ToxicKind } from './toxic.ts';

/** Hands the end of the stream on `delay` ms late; data passes as it comes. */
export const slowClose: ToxicKind<{ delay: number }> = {
  type: 'slow_close',
  typeName: 'SlowCloseToxic',
  attributes: { delay: { type: 'int64' } },
  async pipe(stub, { delay: delayMs }) {
    for (;;) {
      const chunk = await stub.read();
      if (chunk === INTERRUPTED) return;
      if (chunk === END) {
        if (await stub.sleep(delayMs)) stub.close();
        return;
      }
      await stub.write(chunk);
    }
  },
};
