/** Admission: an overloaded server refuses an upload at once, before it does any work for it. */
import type { Claims } from '../cascade/claims.ts';
import type { Config } from '../config/schema.ts';
import { overloaded } from '../refusal.ts';

export interface Admission {
  /**
   * A place for one upload, given back when disposed.
   * @throws Refusal 503 with Retry-After
   */
  enter(): Disposable;
}

export function boundedAdmission(config: Config, claims: Claims): Admission {
  let uploads = 0;
  return {
    enter() {
      if (uploads >= config.uploadsAtOnce) {
        throw overloaded('too-many-uploads', `${uploads} uploads are already in progress`);
      }
      const { rows } = claims.backlog();
      if (rows >= config.queueRows) {
        throw overloaded('queue-full', `${rows} rows are already waiting to be indexed`);
      }
      uploads++;
      return {
        [Symbol.dispose]() {
          uploads--;
        },
      };
    },
  };
}
