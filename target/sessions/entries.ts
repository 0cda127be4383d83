/** The lines of a session file: one JSON object each, append-only. */
import { randomBytes } from 'node:crypto';

export type Role = 'user' | 'assistant' | 'tool';

/** A complete tool call; its arguments are JSON of any shape. */
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
  /** Of an assistant message: the tool calls it asked for. */
  calls?: ToolCall[];
  /** Of a tool message: the call it answers. */
  callId?: string;
}

export type Entry =
  | { type: 'session'; id: string; title: string; at: string }
  | Message
  /** Replaces the first `upTo` messages in what is sent to the model. */
  | { type: 'summary'; upTo: number; text: string; at: string }
  | { type: 'note'; title: string; text: string; at: string }
  | { type: 'turn-failed'; code: string; at: string };

/** `entries` as they stand in the file. */
export function linesOf(entries: readonly Entry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

/** The entry on a line; null for a line that a crash has cut, or of another version. */
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

/** Also guarantees that an id is never a path. */
export const SESSION_ID = /^s_[0-9a-f]{12}$/;
