/** Has pages written in a thread. A page that cannot be written never costs a run its verdict. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../platform/errors.ts';
import { moduleUrl } from '../platform/module-url.ts';
import type { SuitePart } from './data/suite-page.ts';

export type PagesOrder =
  | { kind: 'run'; folder: string }
  | { kind: 'suite'; out: string; parts: readonly SuitePart[]; notes: readonly string[] }
  /** Sends the run to a collector. */
  | { kind: 'otlp'; folder: string; endpoint: string };

/** A history of hours takes seconds to read; one that takes longer is not waited for. */
const LIMIT_MS = 120_000;

/** @returns why it was not written; null when it was. */
export async function pagesInThread(order: PagesOrder): Promise<string | null> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  const thread = new Worker(moduleUrl('./pages-thread', import.meta.url), { workerData: order });
  try {
    const ended = once(thread, 'exit', { signal: limit }).then(() => [
      { error: 'the thread ended' },
    ]);
    const told = once(thread, 'message', { signal: limit });
    ended.catch(() => {});
    const [{ error }] = (await Promise.race([told, ended])) as [{ error: string | null }];
    return error;
  } catch (error) {
    return limit.aborted ? `it took more than ${LIMIT_MS / 1000} s` : messageOf(error);
  } finally {
    await thread.terminate();
  }
}
