import { END, INTERRUPTED } from '../pipe/stub.ts';
import type { ToxicKind } from './toxic.ts';

/**
 * Throws all data away, and lets the end of the stream pass. With `timeout` > 0 it closes the
 * connection when nothing has come in for that many ms. Taking it away closes the connection.
 */
export const timeout: ToxicKind<{ timeout: number }> = {
  type: 'timeout',
  typeName: 'TimeoutToxic',
  attributes: { timeout: { type: 'int64' } },
  closesOnRemoval: true,
  async pipe(stub, { timeout: idleMs }) {
    for (;;) {
      const chunk = idleMs > 0 ? await stub.readWithin(idleMs) : await stub.read();
      if (chunk === INTERRUPTED) return;
      if (chunk === END || chunk === undefined) return stub.close();
    }
  },
};
