/** A response as it is when it is complete. */
import type { Completion } from '../../answers/completion.ts';
import { textOf } from '../../answers/prompt.ts';
import { tokensOf } from '../../answers/prose/text.ts';
import { CREATED_S } from './chat-parts.ts';
import { logprobOf } from './logprobs.ts';
import type { ResponsesRequest } from './responses-request.ts';

/** One item of a response's output, as it is when it is complete. */
export type OutputItem =
  | {
      id: string;
      type: 'message';
      status: string;
      role: 'assistant';
      content: { type: 'output_text'; text: string; annotations: []; logprobs: object[] }[];
    }
  | {
      id: string;
      type: 'function_call';
      status: string;
      call_id: string;
      name: string;
      arguments: string;
    };

export type ResponseObject = ReturnType<typeof responseOf>;

export function responseOf(
  { body, prompt, logprobs }: ResponsesRequest,
  said: Completion,
  hash: string,
) {
  const incomplete = said.finish === 'length';
  const status = incomplete ? 'incomplete' : 'completed';
  const inputTokens = tokensOf(textOf(prompt)).length;
  const text = said.text.join('');
  const output: OutputItem[] =
    said.toolCalls.length > 0
      ? said.toolCalls.map((call) => ({
          id: `fc_${call.id}`,
          type: 'function_call',
          status,
          call_id: `call_${call.id}`,
          name: call.name,
          arguments: call.arguments,
        }))
      : [
          {
            id: `msg_${hash}`,
            type: 'message',
            status,
            role: 'assistant',
            content: [
              {
                type: 'output_text',
                text,
                annotations: [],
                logprobs: logprobs === null ? [] : said.text.map((t) => logprobOf(t, logprobs)),
              },
            ],
          },
        ];
  return {
    id: `resp_${hash}`,
    object: 'response',
    created_at: CREATED_S,
    completed_at: incomplete ? null : CREATED_S,
    status,
    background: false,
    error: null,
    incomplete_details: incomplete ? { reason: 'max_output_tokens' } : null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: null,
    metadata: body.metadata ?? {},
    model: body.model,
    output,
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    reasoning: { effort: null, summary: null },
    service_tier: 'default',
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: { format: body.text?.format ?? { type: 'text' }, verbosity: 'medium' },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? 1,
    truncation: body.truncation ?? 'disabled',
    usage: {
      input_tokens: inputTokens,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: said.tokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: inputTokens + said.tokens,
    },
    user: body.user ?? null,
  };
}
