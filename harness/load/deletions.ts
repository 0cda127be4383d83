/** Uploads documents and deletes them again: once they are indexed, or while they still are being. */

import type { Phase } from '../history/history.ts';
import { type Duration, toMs } from '../platform/duration.ts';
import type { Environment } from '../run/environment.ts';
import { awaitIndexed } from './await-indexed.ts';
import { type Load, pause, THROUGH_FAULT } from './load.ts';
import { sendUpload } from './uploads.ts';

export interface DeletionOptions {
  every: Duration;
  /** `indexed`: when it is at rest. A duration: so long after its acknowledgement, in the middle of the work. */
  after: 'indexed' | Duration;
  during?: readonly Phase[];
  group?: string;
}

const BYTES = 10_000;

export function deletions(options: DeletionOptions): Load {
  const { after, during = THROUGH_FAULT, group = 'others' } = options;
  const everyMs = toMs(options.every);

  async function one(environment: Environment): Promise<void> {
    const { accepted, client, corpus, requests } = environment;
    const document = corpus.document(environment.nextIndex(), BYTES);
    const { acknowledged: id } = await sendUpload(environment, document, group);
    if (!id) return;
    if (after === 'indexed') await awaitIndexed(environment, id, document.title, group);
    else await pause(toMs(after), new AbortController().signal);
    const plan = { operation: 'delete', subject: document.title, group };
    const { acknowledged } = await requests.send(plan, (signal) => client.remove(id, signal));
    const entry = accepted.find((known) => known.id === id);
    if (acknowledged && entry) entry.deleted = true;
  }

  return {
    name: 'deletions',
    during,
    warmup: one,
    async run(environment, stop) {
      while (!stop.aborted) {
        void one(environment);
        await pause(everyMs, stop);
      }
    },
  };
}
