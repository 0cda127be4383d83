import { noop } from './noop.ts';
import type { ToxicKind } from './toxic.ts';

/**
 * While it is there no new connection comes about: a client's connect is neither accepted nor refused.
 * Once it is gone, a client that has not given up gets its connection with its next SYN, one, two or four
 * seconds after the one before. It is on the listener, so it has no direction and spares nobody.
 */
export const blockConnect: ToxicKind<Record<string, never>> = {
  ...noop,
  type: 'block_connect',
  typeName: 'BlockConnectToxic',
  blocksConnects: true,
  extra: true,
};
