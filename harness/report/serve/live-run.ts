/** Follows the history of a run while it is being written, and folds it into the page of the run so far. */
import { close, existsSync, open, read } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { HistoryEvent } from '../../history/events.ts';
import { pageOf } from '../data/run-page.ts';
import { TimelineFold } from '../data/timeline.ts';
import type { RunPage } from '../page/page-data.ts';

/** The recorder writes every 250 ms. */
const LOOK_EVERY_MS = 500;
const CHUNK_BYTES = 1_000_000;
/** After the verdict the last lines may still be on their way. */
const LAST_LINES_MS = 1000;

export interface LiveRun {
  /** The page of what has been written so far. */
  page(): RunPage;
  readonly hasEnded: boolean;
  /** Calls `onChange` after each change, until the run has ended or `signal` aborts. */
  follow(onChange: () => void, signal: AbortSignal): Promise<void>;
}

/** @param folder of a run: it may be in progress, over, or not have begun to write. */
export function liveRun(folder: string): LiveRun {
  const fold = new TimelineFold();
  const file = join(folder, 'history.ndjson');
  let offset = 0;
  let rest = Buffer.alloc(0);
  let hasEnded = false;

  const take = (bytes: Buffer): void => {
    const text = Buffer.concat([rest, bytes]);
    const end = text.lastIndexOf(0x0a) + 1;
    // A line that is not whole yet, and what of a character is not whole.
    rest = Buffer.from(text.subarray(end));
    for (const line of text.toString('utf8', 0, end).split('\n')) {
      const event = eventOf(line);
      if (event) fold.step(event);
    }
  };

  /** Whether there was more. */
  const readOn = async (signal: AbortSignal): Promise<boolean> => {
    if (!existsSync(file)) return false;
    const descriptor = await promisify(open)(file, 'r');
    const before = offset;
    try {
      const buffer = Buffer.alloc(CHUNK_BYTES);
      while (!signal.aborted) {
        const { bytesRead } = await promisify(read)(descriptor, buffer, 0, buffer.length, offset);
        if (bytesRead === 0) break;
        offset += bytesRead;
        take(buffer.subarray(0, bytesRead));
      }
    } finally {
      await promisify(close)(descriptor);
    }
    return offset > before;
  };

  return {
    page: () => pageOf(folder, fold),
    get hasEnded() {
      return hasEnded;
    },
    async follow(onChange, signal) {
      while (!signal.aborted && !hasEnded) {
        const isJudged = existsSync(join(folder, 'verdict.json'));
        if (isJudged && offset > 0) await sleep(LAST_LINES_MS, signal);
        const hasMore = await readOn(signal);
        hasEnded = isJudged;
        if (hasMore || hasEnded) onChange();
        if (!hasEnded) await sleep(LOOK_EVERY_MS, signal);
      }
    },
  };
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => {});
}

function eventOf(line: string): HistoryEvent | null {
  if (line === '') return null;
  try {
    return JSON.parse(line) as HistoryEvent;
  } catch {
    // One broken line is no reason to stop showing the others.
    return null;
  }
}
