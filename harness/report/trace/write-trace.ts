/** Writes `trace.json` event by event: a trace of hours is never in memory as a whole. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { HistoryEvent } from '../../history/events.ts';
import { TraceFold } from './trace.ts';
import type { TraceEvent } from './trace-event.ts';

/** Disposing removes what is unfinished. */
export interface TraceWriter extends AsyncDisposable {
  write(event: HistoryEvent): Promise<void>;
  /** Ends the file. @throws when it could not be written. */
  end(failedAtMs: Readonly<Record<string, number>>): Promise<void>;
}

/** @param file replaced as a whole, once the trace is complete. */
export function openTrace(file: string): TraceWriter {
  const fold = new TraceFold();
  const unfinished = `${file}.part`;
  const stream = createWriteStream(unfinished, { mode: 0o600 });
  const done = finished(stream);
  // Reported by `end`.
  done.catch(() => {});
  let isFirst = true;
  const put = async (events: readonly TraceEvent[]): Promise<void> => {
    if (events.length === 0 || stream.destroyed) return;
    const text = events.map((event) => JSON.stringify(event)).join(',\n');
    const fits = stream.write(isFirst ? text : `,\n${text}`);
    isFirst = false;
    if (!fits) await Promise.race([once(stream, 'drain'), done]);
  };
  stream.write('{"displayTimeUnit":"ms","traceEvents":[\n');
  const begun = put(fold.begin());
  return {
    async write(event) {
      await begun;
      await put(fold.step(event));
    },
    async end(failedAtMs) {
      await put(fold.end(failedAtMs));
      stream.end('\n]}\n');
      await done;
      await rename(unfinished, file);
    },
    async [Symbol.asyncDispose]() {
      stream.destroy();
      await done.catch(() => {});
      await rm(unfinished, { force: true }).catch(() => {});
    },
  };
}
