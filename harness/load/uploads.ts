/** Uploads documents: at a fixed rate (open loop), or one after another as an ingest script does. */

import type { Phase } from '../history/history.ts';
import { type Duration, toMs } from '../platform/duration.ts';
import type { Environment } from '../run/environment.ts';
import { awaitIndexed } from './await-indexed.ts';
import type { Document } from './documents.ts';
import { type Load, pause, THROUGH_FAULT, unlessStopped } from './load.ts';
import type { RequestResult } from './requests.ts';

export interface UploadOptions {
  /** Send one each so often, whatever has become of those before. Without it: one after another. */
  every?: Duration;
  /** How many clients do that at the same time. */
  clients?: number;
  /** How many documents altogether; without it, until the last of its phases ends. */
  count?: number;
  /** Sizes are drawn between these two. The report's documents had 10-20 KB. */
  bytes?: readonly [min: number, max: number];
  during?: readonly Phase[];
  /**
   * Marks every k-th document, for a fault that is for those only. The marked ones are then the load,
   * and all the rest are `others`, which the fault must not touch.
   */
  markEvery?: number;
  /** Follows each document until it is indexed, as a request of its own (`indexing`). */
  untilIndexed?: boolean;
}

const REPORTED_BYTES = [10_000, 20_000] as const;
/** An ingest script's own pause after a refusal, so that a refusing server is not hammered. */
const PAUSE_AFTER_FAILURE_MS = 100;

export function uploads(options: UploadOptions = {}): Load {
  const { clients = 1, count, bytes = REPORTED_BYTES, during = THROUGH_FAULT, markEvery } = options;
  const everyMs = options.every === undefined ? null : toMs(options.every);

  function upload(environment: Environment, mayMark: boolean): Promise<RequestResult> {
    const { corpus, random } = environment;
    const index = environment.nextIndex();
    const marked = mayMark && markEvery !== undefined && index % markEvery === 0;
    const size = random.fork(`size ${index}`).integer(bytes[0], bytes[1]);
    const group = markEvery === undefined || marked ? 'load' : 'others';
    const document = corpus.document(index, size, marked);
    const sent = sendUpload(environment, document, group);
    if (options.untilIndexed) {
      void sent.then(({ acknowledged }) => {
        if (acknowledged) void awaitIndexed(environment, acknowledged, document.title, group);
      });
    }
    return sent;
  }

  return {
    name: 'uploads',
    during,
    async warmup(environment, stop) {
      await unlessStopped(upload(environment, false), stop);
    },
    async run(environment, stop) {
      let left =
        count === undefined ? Number.POSITIVE_INFINITY : Math.ceil(count * environment.scale);
      const one = async (): Promise<void> => {
        while (left-- > 0 && !stop.aborted) {
          const sent = upload(environment, true);
          if (everyMs === null) {
            const failed = sent.then(async ({ outcome }) => {
              if (outcome !== 'ok') await pause(PAUSE_AFTER_FAILURE_MS, stop);
            });
            await unlessStopped(failed, stop);
          } else {
            await pause(everyMs, stop);
          }
        }
      };
      await Promise.all(Array.from({ length: clients }, one));
    },
  };
}

/** Uploads one document; when it is acknowledged, the environment knows it for the audit. */
export function sendUpload(
  environment: Environment,
  document: Document,
  group: string,
): Promise<RequestResult> {
  const { accepted, client, requests } = environment;
  const plan = { operation: 'upload', subject: document.title, group };
  const sent = requests.send(plan, (signal) => client.upload(document, signal));
  void sent.then(({ acknowledged }) => {
    if (acknowledged) accepted.push({ id: acknowledged, document });
  });
  return sent;
}
