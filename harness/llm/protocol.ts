/** What passes between a run and its model's process. */
import type { Rule } from './behaviour.ts';
import type { ModelEvent } from './conversation.ts';
import type { Pace } from './delivery.ts';

export interface StartOptions {
  seed: number;
  port: number;
  pace: Partial<Pace>;
}

export type Command =
  | { do: 'start'; options: StartOptions }
  | { do: 'script'; rules: readonly Rule[] }
  | { do: 'release' }
  | { do: 'hits' }
  | { do: 'stop' };

export type ToModel = { id: number } & Command;

export interface Failure {
  code: string;
  message: string;
}

export type FromModel =
  | { events: ModelEvent[] }
  | { reply: number; value: unknown }
  | { reply: number; failure: Failure };

export interface Started {
  url: string;
  port: number;
}
