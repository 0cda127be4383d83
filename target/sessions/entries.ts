/** The lines of a session's file: one JSON object each, only ever appended. */
import { randomBytes } from 'node:crypto';

export type Role = 'user' | 'assistant' | 'tool';

/** A call of a tool, whole: its arguments are JSON of any shape. */
export interface ToolCall {
  id: string;
  name: string;
  arguments: string;
}

export interface Message {
  type: 'message';
  id: string;
  role: Role;
  text: string;
  /** ISO 8601. */
  at: string;
  /** Of an assistant: what it asked to be done. */
  calls?: ToolCall[];
  /** Of a tool: the call that this is the result of. */
  callId?: string;
}

export type Entry =
  | { type: 'session'; id: string; title: string; at: string }
  | Message
  /** Stands for the first `upTo` messages wherever the model is told of the session. */
  | { type: 'summary'; upTo: number; text: string; at: string }
  | { type: 'note'; title: string; text: string; at: string }
  | { type: 'turn-failed'; code: string; at: string };

/** What `entries` are in the file. */
export function linesOf(entries: readonly Entry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

/** The entry on a line; null for one that a crash has cut, or that is of another version. */
export function parseLine(line: string): Entry | null {
  try {
    const entry = JSON.parse(line);
    return typeof entry?.type === 'string' ? entry : null;
  } catch {
    return null;
  }
}

export function newMessage(role: Role, text: string, more: Partial<Message> = {}): Message {
  return { type: 'message', id: newId('m'), role, text, at: new Date().toISOString(), ...more };
}

export const newId = (letter: string): string => `${letter}_${randomBytes(6).toString('hex')}`;

/** Also keeps an id from being a path. */
export const SESSION_ID = /^s_[0-9a-f]{12}$/;
