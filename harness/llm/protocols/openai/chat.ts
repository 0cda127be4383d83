/** `POST /v1/chat/completions`: the answer, whole or as a stream. */
import { type Answer, jsonAnswer } from '../../answers/answer.ts';
import { type Completion, complete, idOf } from '../../answers/completion.ts';
import { lastTextOf, textOf } from '../../answers/prompt.ts';
import type { Endpoint } from '../endpoint.ts';
import { CREATED_S, callJson, FINISH_REASONS, usageOf } from './chat-parts.ts';
import { type ChatRequest, readChat } from './chat-request.ts';
import { chatStream } from './chat-stream.ts';
import { openai } from './errors.ts';
import { logprobOf } from './logprobs.ts';

export const chatCompletions: Endpoint = {
  route: 'chat-completions',
  operation: 'chat',
  method: 'POST',
  provider: openai,
  read(body, call) {
    const checked = readChat(body, call.names.deployment);
    if (!checked.ok) return checked;
    const request = checked.value;
    const { prompt, stream } = request;
    return {
      ok: true,
      value: {
        model: prompt.model,
        subject: prompt.subject,
        text: textOf(prompt),
        lastText: lastTextOf(prompt),
        answersTool: prompt.turns.at(-1)?.role === 'tool',
        streamed: stream,
        answer(script, seed) {
          const completions = complete(prompt, script, seed);
          const id = `chatcmpl-${idOf(prompt, `${seed}`)}`;
          const usage = usageOf(request, completions);
          if (!stream) return wholeAnswer(request, id, completions, usage);
          return chatStream({
            request,
            id,
            completions,
            usage,
            tokensPerEvent: script.tokensPerEvent,
          });
        },
      },
    };
  },
};

function wholeAnswer(
  { prompt, logprobs }: ChatRequest,
  id: string,
  completions: readonly Completion[],
  usage: ReturnType<typeof usageOf>,
): Answer {
  const choices = completions.map(({ text, toolCalls, finish }, index) => ({
    index,
    message: {
      role: 'assistant',
      content: toolCalls.length > 0 ? null : text.join(''),
      refusal: null,
      ...(toolCalls.length > 0 ? { tool_calls: toolCalls.map(callJson) } : {}),
    },
    logprobs:
      logprobs === null
        ? null
        : { content: text.map((token) => logprobOf(token, logprobs)), refusal: null },
    finish_reason: FINISH_REASONS[finish],
  }));
  return jsonAnswer(
    200,
    {
      id,
      object: 'chat.completion',
      created: CREATED_S,
      model: prompt.model,
      choices,
      usage,
      service_tier: 'default',
      system_fingerprint: 'fp_hanglab',
    },
    usage.completion_tokens,
  );
}
