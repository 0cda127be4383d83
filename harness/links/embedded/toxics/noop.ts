import { END, INTERRUPTED } from '../pipe/stub.ts';
import type { ToxicKind } from './toxic.ts';

/** Hands everything on, unchanged. It is also what a connection gets that a toxicity spares. */
export const noop: ToxicKind<Record<string, never>> = {
  type: 'noop',
  typeName: 'NoopToxic',
  attributes: {},
  async pipe(stub) {
    for (;;) {
      const chunk = await stub.read();
      if (chunk === INTERRUPTED) return;
      if (chunk === END) return stub.close();
      await stub.write(chunk);
    }
  },
};
