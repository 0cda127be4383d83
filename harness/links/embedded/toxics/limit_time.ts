import { monotonicMs } from '../../../platform/clock.ts';
import { END, INTERRUPTED } from '../pipe/stub.ts';
import type { ToxicKind } from './toxic.ts';

/** Closes the connection `time` ms after it was opened, or after the toxic came; until then all passes. */
export const limitTime: ToxicKind<{ time: number }> = {
  type: 'limit_time',
  typeName: 'LimitTimeToxic',
  attributes: { time: { type: 'int64', min: 0 } },
  extra: true,
  async pipe(stub, { time: limitMs }) {
    stub.state ??= monotonicMs();
    const until = (stub.state as number) + limitMs;
    for (;;) {
      const left = until - monotonicMs();
      // Looked at before each chunk: one that is always busy has no longer than one that is idle.
      const chunk = left <= 0 ? undefined : await stub.readWithin(left);
      if (chunk === INTERRUPTED) return;
      if (chunk === END || chunk === undefined) return stub.close();
      await stub.write(chunk);
    }
  },
};
