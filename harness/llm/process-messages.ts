/** What passes between a run and its model's process. */
import type { ModelEvent } from './delivery/exchange.ts';
import type { Rule } from './rules/rules.ts';
import type { ModelServer, ModelServerOptions } from './server/server.ts';

/** All that can be sent from one process to another. */
export type StartOptions = Omit<ModelServerOptions, 'onEvent' | 'answerFrom'>;

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

export type Started = Pick<ModelServer, 'url' | 'port' | 'upstreams' | 'certificate'>;
