/** A task: background work for a session that always ends. */
import type { ErrorDetail } from '../refusal.ts';

export const TASK_KINDS = ['summarize', 'find'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

export const TASK_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type TaskState = (typeof TASK_STATES)[number];

export interface TaskInput {
  kind: TaskKind;
  sessionId: string;
  /** Of `find`: a regular expression. */
  pattern?: string;
}

export interface Task extends TaskInput {
  id: string;
  state: TaskState;
  /** ISO 8601. */
  createdAt: string;
  endedAt: string | null;
  result: unknown;
  error: ErrorDetail | null;
}

export function hasEnded({ state }: Pick<Task, 'state'>): boolean {
  return state !== 'queued' && state !== 'running';
}
