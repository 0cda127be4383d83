/** `POST /v1/completions`: the older route, which continues a text. */
import { z } from 'zod';
import { type Answer, framing, joined, jsonAnswer } from '../../answers/answer.ts';
import { type Completion, complete, idOf, streamed } from '../../answers/completion.ts';
import type { Prompt } from '../../answers/prompt.ts';
import { tokensOf } from '../../answers/prose/text.ts';
import { check, refused } from '../check.ts';
import type { Endpoint } from '../endpoint.ts';
import { eventTemplate, sse, sseAnswer } from '../sse.ts';
import { CREATED_S } from './chat.ts';
import { errorBody, openai, openaiWording } from './errors.ts';
import { sampling, unheeded, unsupported, withDeployment } from './parameters.ts';

/** What OpenAI's own route gives when no limit is set. */
const DEFAULT_MAX_TOKENS = 16;

const tokens = z.array(z.int().min(0)).min(1);
const completionSchema = z.strictObject({
  ...unheeded,
  ...sampling,
  model: z.string().min(1),
  prompt: z
    .union([z.string(), z.array(z.string()).min(1), tokens, z.array(tokens).min(1)])
    .nullish(),
  suffix: unsupported('suffix', 'Leave it out.'),
  best_of: z.int().min(1).max(20).nullish(),
  echo: z.boolean().nullish(),
  logprobs: z.int().min(0).max(5).nullish(),
  max_tokens: z.int().min(1).nullish(),
  n: z.int().min(1).max(128).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
});

type CompletionRequest = z.infer<typeof completionSchema>;

export const completions: Endpoint = {
  route: 'completions',
  operation: 'chat',
  method: 'POST',
  provider: openai,
  read(body, call) {
    const named = withDeployment(body, call.names.deployment);
    const checked = check(completionSchema, named, openaiWording);
    if (!checked.ok) return checked;
    const request = checked.value;
    if (request.stream_options && request.stream !== true) {
      const message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
      return refused({ message, param: 'stream_options', code: 'invalid_value' });
    }
    if (request.logprobs !== undefined && request.logprobs !== null && request.stream) {
      const message = "The scripted model has no 'logprobs' in a stream of this route.";
      return refused({ message, param: 'logprobs', code: 'unsupported_parameter' });
    }
    const texts = textsOf(request.prompt ?? '');
    return {
      ok: true,
      value: {
        model: request.model,
        subject: request.user ?? null,
        text: texts.join('\n'),
        lastText: texts.at(-1) ?? '',
        streamed: request.stream === true,
        answer: (script, seed) => {
          const prompts = texts.map((text) => promptOf(request, text));
          const found = prompts.map((prompt) => complete(prompt, script, seed));
          const id = `cmpl-${idOf(prompts[0] as Prompt, `${seed}`)}`;
          return answer(request, texts, id, found, script.tokensPerEvent);
        },
      },
    };
  },
};

function textsOf(prompt: NonNullable<CompletionRequest['prompt']>): string[] {
  if (typeof prompt === 'string') return [prompt];
  if (prompt.every((item) => typeof item === 'number')) return [prompt.join(' ')];
  return prompt.map((item) => (typeof item === 'string' ? item : (item as number[]).join(' ')));
}

function promptOf(request: CompletionRequest, text: string): Prompt {
  const stop = request.stop ?? [];
  return {
    model: request.model,
    turns: [{ role: 'user', text, media: [] }],
    tools: [],
    toolChoice: { kind: 'none' },
    parallelTools: false,
    format: { kind: 'text' },
    stop: typeof stop === 'string' ? [stop] : stop,
    maxTokens: request.max_tokens ?? DEFAULT_MAX_TOKENS,
    choices: request.n ?? 1,
    subject: request.user ?? null,
    seed: request.seed ?? 0,
    thinking: false,
  };
}

function answer(
  request: CompletionRequest,
  texts: readonly string[],
  id: string,
  found: readonly Completion[][],
  size: number | undefined,
): Answer {
  const all = found.flatMap((choices, prompt) =>
    choices.map((completion) => ({
      completion,
      echoed: request.echo ? (texts[prompt] ?? '') : '',
    })),
  );
  const promptTokens = texts.reduce((sum, text) => sum + tokensOf(text).length, 0);
  const completionTokens = all.reduce((sum, { completion }) => sum + completion.tokens, 0);
  const usage = {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
  const head = { id, object: 'text_completion', created: CREATED_S, model: request.model };
  const finishOf = ({ finish }: Completion) => (finish === 'length' ? 'length' : 'stop');
  if (!request.stream) {
    const choices = all.map(({ completion, echoed }, index) => ({
      text: echoed + completion.text.join(''),
      index,
      logprobs: typeof request.logprobs === 'number' ? logprobsOf(completion.text) : null,
      finish_reason: finishOf(completion),
    }));
    return jsonAnswer(200, { ...head, choices, usage }, completionTokens);
  }
  const withUsage = request.stream_options?.include_usage === true;
  const tail = withUsage ? { usage: null } : {};
  const chunk = (index: number, text: string, finish: string | null): string =>
    sse({ ...head, choices: [{ text, index, logprobs: null, finish_reason: finish }], ...tail });
  const pieces = joined([
    ...all.flatMap(({ completion, echoed }, index) => {
      const encode = eventTemplate((text) => chunk(index, text, null));
      return [
        framing(...(echoed === '' ? [] : [chunk(index, echoed, null)])),
        streamed(completion.text, size, encode),
        framing(chunk(index, '', finishOf(completion))),
      ];
    }),
    framing(...(withUsage ? [sse({ ...head, choices: [], usage })] : []), sse('[DONE]')),
  ]);
  return sseAnswer({
    pieces,
    completionTokens,
    emptyDelta: chunk(0, '', null),
    error: (error) => sse({ error: errorBody(500, error) }),
  });
}

function logprobsOf(texts: readonly string[]) {
  let offset = 0;
  const offsets = texts.map((text) => {
    offset += text.length;
    return offset - text.length;
  });
  return {
    tokens: texts,
    token_logprobs: texts.map(() => -0.5),
    top_logprobs: texts.map((text) => ({ [text]: -0.5 })),
    text_offset: offsets,
  };
}
