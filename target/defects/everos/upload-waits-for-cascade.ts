import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from '../../refusal.ts';
import type { Scope } from '../../scope.ts';
import { defect } from '../defect.ts';

const LOOK_EVERY_MS = 50;

export default defect({
  why: 'An upload is answered only when its document is indexed: the request waits on background work.',
  parts: (healthy) => ({
    ingest(parts) {
      const ingest = healthy.ingest(parts);
      return async (upload, scope) => {
        const accepted = await ingest(upload, scope);
        while (parts.documents.get(accepted.id)?.state !== 'indexed' && !clientGone(scope)) {
          await sleep(LOOK_EVERY_MS);
        }
        return accepted;
      };
    },
  }),
});

function clientGone({ signal }: Scope): boolean {
  return signal.reason instanceof Refusal && signal.reason.code !== 'deadline';
}
