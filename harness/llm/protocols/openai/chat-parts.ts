/** What a whole chat completion and a streamed one share. */
import type { Completion } from '../../answers/completion.ts';
import { type ToolCall, textOf } from '../../answers/prompt.ts';
import { tokensOf } from '../../answers/prose/text.ts';
import type { ChatRequest } from './chat-request.ts';

/** Always the same instant: the same request gets the same bytes. */
export const CREATED_S = 1_750_000_000;

export const FINISH_REASONS = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  tools: 'tool_calls',
} as const;

export const usageOf = ({ prompt }: ChatRequest, completions: readonly Completion[]) => {
  const promptTokens = tokensOf(textOf(prompt)).length;
  const completionTokens = completions.reduce((sum, { tokens }) => sum + tokens, 0);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  };
};

export function callJson({ id, name, arguments: text }: ToolCall) {
  return { id: `call_${id}`, type: 'function', function: { name, arguments: text } };
}
