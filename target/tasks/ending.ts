/** How a task ends: with a result, with an error, or cancelled. */
import { describeError } from '../http/errors.ts';
import type { ErrorDetail, Refusal } from '../refusal.ts';
import type { Task } from './task.ts';

export interface TaskEnd {
  state: 'done' | 'failed' | 'cancelled';
  result: unknown;
  error: ErrorDetail | null;
}

/** Calls `end` once, however `work` ends. */
export type WatchTask = (
  task: Readonly<Task>,
  work: Promise<unknown>,
  end: (how: TaskEnd) => void,
) => void;

export const CANCELLED = 'cancelled';

export const recordEveryEnd: WatchTask = (_task, work, end) => {
  work.then(
    (result) => end({ state: 'done', result, error: null }),
    (reason) => {
      const { code, message } = describeError(reason);
      const cancelled = (reason as Refusal).code === CANCELLED;
      end({ state: cancelled ? 'cancelled' : 'failed', result: null, error: { code, message } });
    },
  );
};
