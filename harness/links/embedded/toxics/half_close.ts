import { noop } from './noop.ts';
import type { ToxicKind } from './toxic.ts';

/**
 * Carries a half-close: the end of this direction goes on as a FIN, and the other direction stays
 * open until it ends too. Without it, as in Toxiproxy, the end of one closes both.
 */
export const halfClose: ToxicKind<Record<string, never>> = {
  ...noop,
  type: 'half_close',
  typeName: 'HalfCloseToxic',
  carriesHalfClose: true,
  extra: true,
};
