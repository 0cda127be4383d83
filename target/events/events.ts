/** The events that clients of the event stream receive. */
import type { ErrorDetail } from '../refusal.ts';
import type { Stats } from '../sessions/stats.ts';
import type { TaskKind, TaskState } from '../tasks/task.ts';

export type ServerEvent =
  /** A user's message, when it has been stored. */
  | { type: 'message'; sessionId: string; messageId: string; role: 'user'; text: string }
  | {
      type: 'turn';
      sessionId: string;
      turnId: string;
      state: 'started' | 'done' | 'failed' | 'cancelled';
      error?: ErrorDetail;
    }
  /** More of an answer; `offset` characters were sent before. */
  | { type: 'delta'; sessionId: string; turnId: string; offset: number; pieces: AnswerPiece[] }
  | ({ type: 'stats'; sessionId: string } & Stats)
  | {
      type: 'task';
      sessionId: string;
      taskId: string;
      kind: TaskKind;
      state: TaskState;
      error?: ErrorDetail;
    };

/** A piece of the string at `path` in an answer: see json-pieces.ts. */
export interface AnswerPiece {
  path: string;
  text: string;
}

/** The answer that a piece belongs to. */
export interface TurnRef {
  sessionId: string;
  turnId: string;
}
