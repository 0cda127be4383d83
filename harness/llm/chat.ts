/** `POST /v1/chat/completions`: what is asked, and the answer, whole or as a stream. */
import { z } from 'zod';
import { hash32 } from '../platform/random.ts';
import { type Answer, jsonAnswer, type Piece } from './answer.ts';
import { answerTo, factsOf, topicsOf } from './extract.ts';
import { type Checked, check } from './request.ts';
import type { Asked } from './rules.ts';
import { tokensOf } from './text.ts';

const partSchema = z.looseObject({ type: z.string(), text: z.string().optional() });

const chatSchema = z.looseObject({
  model: z.string().min(1),
  messages: z
    .array(
      z.looseObject({
        role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
        content: z.union([z.string(), z.array(partSchema)]).nullish(),
      }),
    )
    .min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  response_format: z
    .looseObject({
      type: z.enum(['text', 'json_object', 'json_schema']),
      json_schema: z.looseObject({ name: z.string() }).optional(),
    })
    .nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  n: z.literal(1, 'the scripted model gives one choice only').nullish(),
  user: z.string().nullish(),
});

export type ChatRequest = z.infer<typeof chatSchema>;

/** Always the same instant: the same request gets the same bytes. */
export const CREATED_S = 1_750_000_000;
const REFUSAL = 'I am sorry, but I would rather talk about something else today.';

export function readChat(body: unknown): Checked<ChatRequest> {
  return check(chatSchema, body);
}

export function askedByChat(request: ChatRequest): Asked {
  const text = request.messages.map(textOf).join('\n');
  return { operation: 'chat', subject: request.user ?? null, text };
}

/** The answer to `request`; `offSchema` gives prose whatever was asked for. */
export function answerChat(request: ChatRequest, seed: number, offSchema: boolean): Answer {
  const prompt = request.messages.map(textOf).join('\n');
  const all = tokensOf(offSchema ? REFUSAL : contentFor(request));
  const limit = request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY;
  const tokens = all.slice(0, limit);
  const finishReason = tokens.length < all.length ? 'length' : 'stop';
  const promptTokens = tokensOf(prompt).length;
  const usage = {
    prompt_tokens: promptTokens,
    completion_tokens: tokens.length,
    total_tokens: promptTokens + tokens.length,
  };
  const fingerprint = hash32(`${seed}:${JSON.stringify(request)}`)
    .toString(16)
    .padStart(8, '0');
  const id = `chatcmpl-${fingerprint}`;

  if (request.stream) {
    const withUsage = request.stream_options?.include_usage === true;
    return streamOf({ id, model: request.model, tokens, finishReason, usage, withUsage });
  }
  return jsonAnswer(
    200,
    {
      id,
      object: 'chat.completion',
      created: CREATED_S,
      model: request.model,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: tokens.join(''), refusal: null },
          logprobs: null,
          finish_reason: finishReason,
        },
      ],
      usage,
      system_fingerprint: 'fp_hanglab',
    },
    tokens.length,
  );
}

function textOf(message: ChatRequest['messages'][number]): string {
  if (typeof message.content === 'string') return message.content;
  return (message.content ?? []).map(({ text }) => text ?? '').join('\n');
}

function contentFor(request: ChatRequest): string {
  const users = request.messages.filter(({ role }) => role === 'user').map(textOf);
  const last = users.at(-1) ?? textOf(request.messages.at(-1) as ChatRequest['messages'][number]);
  const format = request.response_format;
  const name = format?.json_schema?.name;
  if (name === 'topics') return JSON.stringify({ topics: topicsOf(last) });
  if (name === 'facts') return JSON.stringify({ facts: factsOf(last) });
  const question = last.split('\n').findLast((line) => line.trim() !== '') ?? '';
  const answer = answerTo(question, request.messages.map(textOf).join('\n\n'));
  return format && format.type !== 'text' ? JSON.stringify({ answer }) : answer;
}

interface Stream {
  id: string;
  model: string;
  tokens: readonly string[];
  finishReason: string;
  usage: object;
  withUsage: boolean;
}

/** One event a token, between an event that opens the message and those that close it. */
function streamOf({ id, model, tokens, finishReason, usage, withUsage }: Stream): Answer {
  const head = { id, object: 'chat.completion.chunk', created: CREATED_S, model };
  const tail = withUsage ? { usage: null } : {};
  const event = (data: string): Buffer => Buffer.from(`data: ${data}\n\n`);
  const chunk = (delta: object, finish: string | null = null): string =>
    JSON.stringify({
      ...head,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...tail,
    });
  // A token's chunk is the same text around it every time; long answers are made of thousands.
  const [before, after] = chunk({ content: '\0' }).split(JSON.stringify('\0')) as [string, string];

  const pieces: Piece[] = [
    { bytes: event(chunk({ role: 'assistant', content: '', refusal: null })), counts: false },
    ...tokens.map((token) => ({
      bytes: event(`${before}${JSON.stringify(token)}${after}`),
      counts: true,
    })),
    { bytes: event(chunk({}, finishReason)), counts: false },
  ];
  if (withUsage) {
    pieces.push({ bytes: event(JSON.stringify({ ...head, choices: [], usage })), counts: false });
  }
  pieces.push({ bytes: event('[DONE]'), counts: false });
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    pieces,
    completionTokens: tokens.length,
    streamed: true,
    heartbeats: { comment: Buffer.from(': keep-alive\n\n'), 'empty-delta': event(chunk({})) },
  };
}
