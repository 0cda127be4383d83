/** Statistics of a session, updated with each message; nothing is counted twice. */
import { tokensIn } from '../uploads/token-estimate.ts';
import type { Message } from './entries.ts';

export interface Stats {
  messages: number;
  characters: number;
  /** An estimate. */
  tokens: number;
}

export const noStats = (): Stats => ({ messages: 0, characters: 0, tokens: 0 });

export function countMessage(stats: Stats, message: Message): void {
  stats.messages++;
  countText(stats, message.text);
}

export function countText(stats: Stats, text: string): void {
  stats.characters += text.length;
  stats.tokens = tokensIn(stats.characters);
}
