import { INTERRUPTED } from '../pipe/stub.ts';
import type { ToxicKind } from './toxic.ts';

/**
 * Swallows the first chunk, or the end of the stream, and closes the connection `timeout` ms later.
 * Only connections opened while it is there close with a reset; one that was open already gets a FIN.
 */
export const resetPeer: ToxicKind<{ timeout: number }> = {
  type: 'reset_peer',
  typeName: 'ResetToxic',
  attributes: { timeout: { type: 'int64' } },
  resetsNewConnections: true,
  async pipe(stub, { timeout: delayMs }) {
    const chunk = await stub.read();
    if (chunk === INTERRUPTED) return;
    if (await stub.sleep(delayMs)) stub.close();
  },
};
