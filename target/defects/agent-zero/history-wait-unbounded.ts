import { messageOf } from '../../../harness/platform/errors.ts';
import { type Compression, summarise } from '../../chat/compression.ts';
import { endlessPatience } from '../../lanes.ts';
import type { Parts } from '../../parts.ts';
import { openScope } from '../../scope.ts';
import { defect } from '../defect.ts';

export default defect({
  why: 'A turn waits, without a limit, for the history of its session to be compressed.',
  parts: () => ({ compression: (parts) => unboundedCompression(parts) }),
});

function unboundedCompression({ model, sessionLane, sessions, log }: Parts): Compression {
  const lane = { ...sessionLane, patience: endlessPatience };
  const running = new Map<string, Promise<void>>();
  return {
    start(session) {
      const { id } = session;
      if (running.has(id)) return;
      const scope = openScope(Number.POSITIVE_INFINITY, () => new Error('never'));
      const done = summarise(session, { model, lane, sessions }, scope)
        .catch((error) => log.warn({ event: 'not-compressed', reason: messageOf(error) }))
        .finally(() => running.delete(id));
      running.set(id, done);
    },
    async settled(sessionId) {
      await running.get(sessionId);
    },
    stop() {},
  };
}
