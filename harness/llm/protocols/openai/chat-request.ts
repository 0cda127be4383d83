/** `POST /v1/chat/completions`: what may be asked, and what it asks of the model. */
import { z } from 'zod';
import type { Prompt, ToolChoice, Turn } from '../../answers/prompt.ts';
import { type Checked, check, refused } from '../check.ts';
import { describeData, describeImage } from '../media.ts';
import { openaiWording } from './errors.ts';
import {
  formatOf,
  formatProblem,
  functionShape,
  jsonSchemaShape,
  sampling,
  toolOf,
  toolProblem,
  unheeded,
  unsupported,
  withDeployment,
} from './parameters.ts';

const text = z.looseObject({ type: z.literal('text'), text: z.string() });
const userPart = z.discriminatedUnion('type', [
  text,
  z.looseObject({ type: z.literal('image_url'), image_url: z.looseObject({ url: z.string() }) }),
  z.looseObject({
    type: z.literal('input_audio'),
    input_audio: z.looseObject({ data: z.string(), format: z.string() }),
  }),
  z.looseObject({
    type: z.literal('file'),
    file: z.looseObject({ file_data: z.string().optional(), filename: z.string().optional() }),
  }),
]);
const answerPart = z.discriminatedUnion('type', [
  text,
  z.looseObject({ type: z.literal('refusal'), refusal: z.string() }),
]);
const parts = <T extends z.ZodType>(part: T) => z.union([z.string(), z.array(part)]);

const calledSchema = z.looseObject({
  id: z.string(),
  type: z.literal('function'),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});

const messageSchema = z.discriminatedUnion('role', [
  z.looseObject({ role: z.literal('system'), content: parts(text) }),
  z.looseObject({ role: z.literal('developer'), content: parts(text) }),
  z.looseObject({ role: z.literal('user'), content: parts(userPart) }),
  z.looseObject({
    role: z.literal('assistant'),
    content: parts(answerPart).nullish(),
    tool_calls: z.array(calledSchema).nullish(),
  }),
  z.looseObject({ role: z.literal('tool'), content: parts(text), tool_call_id: z.string() }),
]);

const choiceSchema = z.union([
  z.enum(['none', 'auto', 'required']),
  z.looseObject({ type: z.literal('function'), function: z.looseObject({ name: z.string() }) }),
]);

const chatSchema = z.strictObject({
  ...unheeded,
  ...sampling,
  model: z.string().min(1),
  messages: z.array(messageSchema).min(1),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z
    .array(z.looseObject({ type: z.literal('function'), function: z.looseObject(functionShape) }))
    .nullish(),
  tool_choice: choiceSchema.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: z
    .discriminatedUnion('type', [
      z.looseObject({ type: z.literal('text') }),
      z.looseObject({ type: z.literal('json_object') }),
      z.looseObject({
        type: z.literal('json_schema'),
        json_schema: z.looseObject(jsonSchemaShape),
      }),
    ])
    .nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
  n: z.int().min(1).max(128).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  modalities: z.array(z.literal('text')).nullish(),
  audio: unsupported('audio', 'It answers in text only.'),
  functions: unsupported('functions', "Use 'tools' instead."),
  function_call: unsupported('function_call', "Use 'tool_choice' instead."),
  web_search_options: unsupported('web_search_options', 'It searches nothing.'),
});

type ChatBody = z.infer<typeof chatSchema>;
type Message = ChatBody['messages'][number];

export interface ChatRequest {
  prompt: Prompt;
  stream: boolean;
  includeUsage: boolean;
  /** How many alternatives to list for each token; null for no probabilities at all. */
  logprobs: number | null;
}

/** `deployment` is Azure's name of the model, which stands in the path. */
export function readChat(body: unknown, deployment?: string): Checked<ChatRequest> {
  const checked = check(chatSchema, withDeployment(body, deployment), openaiWording);
  if (!checked.ok) return checked;
  const request = checked.value;
  const problem = problemOf(request);
  if (problem !== null) return refused(problem);
  return {
    ok: true,
    value: {
      prompt: promptOf(request),
      stream: request.stream === true,
      includeUsage: request.stream_options?.include_usage === true,
      logprobs: request.logprobs ? (request.top_logprobs ?? 0) : null,
    },
  };
}

function promptOf(request: ChatBody): Prompt {
  const stop = request.stop ?? [];
  const format = request.response_format;
  return {
    model: request.model,
    turns: request.messages.map(turnOf),
    tools: (request.tools ?? []).map((tool) => toolOf(tool.function)),
    toolChoice: choiceOf(request),
    parallelTools: request.parallel_tool_calls !== false,
    format:
      format?.type === 'json_schema'
        ? formatOf(format.json_schema)
        : { kind: format?.type === 'json_object' ? 'json' : 'text' },
    stop: typeof stop === 'string' ? [stop] : stop,
    maxTokens: request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY,
    choices: request.n ?? 1,
    subject: request.user ?? null,
    seed: request.seed ?? 0,
    thinking: false,
  };
}

function choiceOf({ tool_choice: choice, tools }: ChatBody): ToolChoice {
  if (typeof choice === 'object' && choice !== null) {
    return { kind: 'named', name: choice.function.name };
  }
  return { kind: choice ?? (tools?.length ? 'auto' : 'none') };
}

function turnOf(message: Message): Turn {
  const media: string[] = [];
  const content = typeof message.content === 'string' ? [message.content] : message.content;
  const texts = (content ?? []).map((part) => {
    if (typeof part === 'string') return part;
    if (part.type === 'text') return part.text;
    if (part.type === 'refusal') return part.refusal;
    const sentence = describe(part);
    media.push(sentence);
    return sentence;
  });
  const role = message.role === 'developer' ? 'system' : message.role;
  return { role, text: texts.join('\n'), media };
}

function describe(part: Exclude<z.infer<typeof userPart>, { type: 'text' }>): string {
  if (part.type === 'image_url') return describeImage(part.image_url.url);
  if (part.type === 'input_audio') {
    return describeData('sound', part.input_audio.format, part.input_audio.data);
  }
  const { filename = 'unnamed', file_data: data = '' } = part.file;
  return describeData('file', filename, data.slice(data.indexOf(',') + 1));
}

function problemOf(request: ChatBody) {
  const invalid = (message: string, param: string) => ({ message, param, code: 'invalid_value' });
  if (request.stream_options && request.stream !== true) {
    const message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
    return invalid(message, 'stream_options');
  }
  if (request.top_logprobs && request.logprobs !== true) {
    const message = "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.";
    return invalid(message, 'top_logprobs');
  }
  const format = request.response_format;
  if (format?.type === 'json_object' && !/json/i.test(JSON.stringify(request.messages))) {
    const message =
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
    return { message, param: 'messages', code: null };
  }
  const tools = (request.tools ?? []).map((tool) => tool.function);
  return (
    (format?.type === 'json_schema'
      ? formatProblem(format.json_schema, 'response_format')
      : null) ??
    toolProblem(tools, choiceOf(request)) ??
    orderProblem(request.messages)
  );
}

/** Each call of a tool is answered, and each answer is to a call. */
function orderProblem(messages: readonly Message[]) {
  let open = new Set<string>();
  const unanswered = (index: number) => {
    if (open.size === 0) return null;
    const message = `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open].join(', ')}`;
    return { message, param: `messages.[${index}].role`, code: null };
  };
  for (const [index, message] of messages.entries()) {
    if (message.role === 'tool') {
      if (open.delete(message.tool_call_id)) continue;
      const text =
        "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.";
      return { message: text, param: `messages.[${index}].role`, code: null };
    }
    const problem = unanswered(index);
    if (problem !== null) return problem;
    if (message.role === 'assistant') open = new Set(message.tool_calls?.map(({ id }) => id));
  }
  return unanswered(messages.length - 1);
}
