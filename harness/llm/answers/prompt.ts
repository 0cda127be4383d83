/** What a client asks for, whatever protocol it asks in. */
import type { Schema } from './schema/json-schema.ts';

export interface ToolCall {
  id: string;
  name: string;
  /** JSON. */
  arguments: string;
}

export interface Turn {
  role: 'system' | 'user' | 'assistant' | 'tool';
  /** Images, sound and files stand in it as a sentence each: see `media.ts`. */
  text: string;
  /** The sentences about what is no text. */
  media: string[];
}

export interface Tool {
  name: string;
  description: string;
  parameters: Schema;
}

export type ToolChoice = { kind: 'auto' | 'required' | 'none' } | { kind: 'named'; name: string };

export type Format =
  | { kind: 'text' }
  /** Any JSON object. */
  | { kind: 'json' }
  | { kind: 'schema'; name: string; schema: Schema };

export interface Prompt {
  model: string;
  turns: Turn[];
  tools: Tool[];
  toolChoice: ToolChoice;
  parallelTools: boolean;
  format: Format;
  stop: string[];
  /** Infinity when nothing is said. */
  maxTokens: number;
  /** How many answers to give. */
  choices: number;
  /** Whose request it is, according to the client. */
  subject: string | null;
  /** Changes what is left to chance in an answer. */
  seed: number;
  /** Whether the model is to show how it thinks, where the protocol can. */
  thinking: boolean;
}

/** What rules look at: all text, and the last turn's. */
export function textOf(prompt: Prompt): string {
  return prompt.turns.map(({ text }) => text).join('\n');
}

export function lastTextOf(prompt: Prompt): string {
  return prompt.turns.at(-1)?.text ?? '';
}
