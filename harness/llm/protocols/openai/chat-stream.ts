/** A chat completion as a stream: an event a token, between those that open the message and close it. */
import { type Answer, encoded, framing, joined, type Segment } from '../../answers/answer.ts';
import { type Completion, type Delta, deltasOf, streamed } from '../../answers/completion.ts';
import { tokensOf } from '../../answers/prose/text.ts';
import { eventTemplate, sse, sseAnswer } from '../sse.ts';
import { CREATED_S, FINISH_REASONS, type usageOf } from './chat.ts';
import type { ChatRequest } from './chat-request.ts';
import { errorBody } from './errors.ts';
import { logprobOf } from './logprobs.ts';

export interface ChatStream {
  request: ChatRequest;
  id: string;
  completions: readonly Completion[];
  usage: ReturnType<typeof usageOf>;
  tokensPerEvent: number | undefined;
}

export function chatStream(stream: ChatStream): Answer {
  const { request, id, completions, usage, tokensPerEvent } = stream;
  const head = {
    id,
    object: 'chat.completion.chunk',
    created: CREATED_S,
    model: request.prompt.model,
    service_tier: 'default',
    system_fingerprint: 'fp_hanglab',
  };
  const tail = request.includeUsage ? { usage: null } : {};
  const chunk = (index: number, delta: object, finish: string | null, logprobs: object | null) =>
    sse({ ...head, choices: [{ index, delta, logprobs, finish_reason: finish }], ...tail });
  const plain = (index: number, delta: object): string => chunk(index, delta, null, null);

  const contentOf = completions.map((_, index) =>
    eventTemplate((content) => plain(index, { content })),
  );
  const content = ({ choice, delta }: { choice: number; delta: Delta }): string => {
    if (request.logprobs === null)
      return (contentOf[choice] as (text: string) => string)(delta.text);
    const alternatives = request.logprobs;
    const probabilities = tokensOf(delta.text).map((token) => logprobOf(token, alternatives));
    const logprobs = { content: probabilities, refusal: null };
    return chunk(choice, { content: delta.text }, null, logprobs);
  };

  const segments: Segment[] = completions.map(({ toolCalls }, index) =>
    framing(
      plain(index, { role: 'assistant', content: toolCalls.length > 0 ? null : '', refusal: null }),
    ),
  );
  const [only] = completions;
  segments.push(
    only && completions.length === 1 && request.logprobs === null
      ? streamed(only.text, tokensPerEvent, contentOf[0] as (text: string) => string)
      : encoded(interleaved(completions, tokensPerEvent), content, ({ delta }) => delta.tokens),
  );
  for (const [choice, { toolCalls }] of completions.entries()) {
    for (const [index, call] of toolCalls.entries()) {
      const fragment = eventTemplate((text) =>
        plain(choice, { tool_calls: [{ index, function: { arguments: text } }] }),
      );
      const opened = {
        index,
        id: `call_${call.id}`,
        type: 'function',
        function: { name: call.name, arguments: '' },
      };
      segments.push(
        framing(plain(choice, { tool_calls: [opened] })),
        streamed(tokensOf(call.arguments), tokensPerEvent, fragment),
      );
    }
  }
  segments.push(
    framing(
      ...completions.map(({ finish }, index) => chunk(index, {}, FINISH_REASONS[finish], null)),
      ...(request.includeUsage ? [sse({ ...head, choices: [], usage })] : []),
      sse('[DONE]'),
    ),
  );
  return sseAnswer({
    pieces: joined(segments),
    completionTokens: usage.completion_tokens,
    emptyDelta: plain(0, {}),
    error: (error) => sse({ error: errorBody(500, error) }),
  });
}

/** The deltas of all choices, the first of each, then the second of each, and so on. */
function interleaved(completions: readonly Completion[], size = 1) {
  const deltas = completions.map(({ text }) => deltasOf(text, size));
  const longest = Math.max(0, ...deltas.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) =>
    deltas.flatMap((own, choice) => {
      const delta = own[i];
      return delta ? [{ choice, delta }] : [];
    }),
  ).flat();
}
