import { noop } from './noop.ts';
import type { ToxicKind } from './toxic.ts';

/**
 * The upstream of a new connection is asked only `delay` ms after the client was accepted; with 0, not
 * while the toxic is there. To accept a client is the system's business, so its connect succeeds: what
 * waits is all that comes after it, a TLS handshake first.
 */
export const slowOpen: ToxicKind<{ delay: number }> = {
  type: 'slow_open',
  typeName: 'SlowOpenToxic',
  attributes: { delay: { type: 'int64', min: 0 } },
  extra: true,
  pipe: (stub, _attributes, random) => noop.pipe(stub, {}, random, undefined),
  opening: ({ delay }) => (delay === 0 ? Number.POSITIVE_INFINITY : delay),
};
