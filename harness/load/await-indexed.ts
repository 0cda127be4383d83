/** Follows an accepted document until it is indexed, as a user who waits for it would: asking now and then. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../run/environment.ts';
import type { RequestResult } from './requests.ts';

const ASK_EVERY_MS = 100;

export function awaitIndexed(
  { client, requests }: Environment,
  id: string,
  subject: string,
  group: string,
): Promise<RequestResult> {
  return requests.send({ operation: 'indexing', subject, group }, async (signal) => {
    for (;;) {
      const seen = await client.state(id, signal).catch((error: unknown) => {
        // The server may be down for a moment; who waits for a document asks again.
        if (signal.aborted) throw error;
        return null;
      });
      if (seen && (seen.state === 'indexed' || seen.status === 404)) return seen;
      await sleep(ASK_EVERY_MS, undefined, { signal });
    }
  });
}
