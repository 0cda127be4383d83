/** `POST /v1/messages`: what may be asked, and what it asks of the model. */
import { z } from 'zod';
import type { Prompt, ToolChoice, Turn } from '../../answers/prompt.ts';
import { type Checked, check, refused } from '../check.ts';
import type { HttpCall } from '../endpoint.ts';
import { describeData, describeImage } from '../media.ts';
import { jsonSchema } from '../openai/parameters.ts';
import { anthropicWording } from './errors.ts';

const source = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('base64'), media_type: z.string(), data: z.string() }),
  z.looseObject({ type: z.literal('url'), url: z.string() }),
  z.looseObject({ type: z.literal('text'), media_type: z.string(), data: z.string() }),
  z.looseObject({ type: z.literal('file'), file_id: z.string() }),
]);
const textBlock = z.looseObject({ type: z.literal('text'), text: z.string() });
const imageBlock = z.looseObject({ type: z.literal('image'), source });
const documentBlock = z.looseObject({ type: z.literal('document'), source });
const resultPart = z.discriminatedUnion('type', [textBlock, imageBlock, documentBlock]);
const block = z.discriminatedUnion('type', [
  textBlock,
  imageBlock,
  documentBlock,
  z.looseObject({
    type: z.literal('tool_use'),
    id: z.string(),
    name: z.string(),
    input: z.unknown(),
  }),
  z.looseObject({
    type: z.literal('tool_result'),
    tool_use_id: z.string(),
    content: z.union([z.string(), z.array(resultPart)]).optional(),
  }),
  z.looseObject({ type: z.literal('thinking'), thinking: z.string() }),
  z.looseObject({ type: z.literal('redacted_thinking') }),
]);
type Block = z.infer<typeof block>;

const messageSchema = z.looseObject({
  role: z.enum(['user', 'assistant']),
  content: z.union([z.string(), z.array(block)]),
});

const format = z.looseObject({ type: z.literal('json_schema'), schema: jsonSchema });

/** What `/v1/messages` and `/v1/messages/count_tokens` share. */
const shared = {
  model: z.string().min(1),
  messages: z.array(messageSchema).min(1),
  system: z.union([z.string(), z.array(textBlock)]).optional(),
  tools: z
    .array(
      z.looseObject({
        // Tools that run on the server have other types.
        type: z.literal('custom').nullish(),
        name: z
          .string()
          .regex(/^[a-zA-Z0-9_-]{1,128}$/, "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"),
        description: z.string().optional(),
        input_schema: jsonSchema,
      }),
    )
    .optional(),
  tool_choice: z
    .discriminatedUnion('type', [
      z.looseObject({ type: z.literal('auto'), disable_parallel_tool_use: z.boolean().optional() }),
      z.looseObject({ type: z.literal('any'), disable_parallel_tool_use: z.boolean().optional() }),
      z.looseObject({
        type: z.literal('tool'),
        name: z.string(),
        disable_parallel_tool_use: z.boolean().optional(),
      }),
      z.looseObject({ type: z.literal('none') }),
    ])
    .optional(),
  thinking: z
    .discriminatedUnion('type', [
      z.looseObject({ type: z.literal('enabled'), budget_tokens: z.int().min(1024) }),
      z.looseObject({ type: z.literal('adaptive') }),
      z.looseObject({ type: z.literal('disabled') }),
    ])
    .optional(),
  output_config: z.looseObject({ format: format.nullish() }).optional(),
  output_format: format.nullish(),
  cache_control: z.unknown().optional(),
};

const countSchema = z.strictObject(shared);
const messagesSchema = z.strictObject({
  ...shared,
  max_tokens: z.int().min(1),
  stream: z.boolean().optional(),
  stop_sequences: z.array(z.string().min(1)).optional(),
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().min(0).max(1).optional(),
  top_k: z.int().min(0).optional(),
  metadata: z.looseObject({ user_id: z.string().nullish() }).optional(),
  // These change where and how fast it is answered, not what.
  diagnostics: z.unknown().optional(),
  inference_geo: z.unknown().optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  speed: z.unknown().optional(),
});

type Shared = z.infer<typeof countSchema>;

export interface MessagesRequest {
  prompt: Prompt;
  stream: boolean;
}

export function readMessages(body: unknown, call: HttpCall): Checked<MessagesRequest> {
  const checked = check(messagesSchema, body, anthropicWording);
  if (!checked.ok) return checked;
  const request = checked.value;
  const problem = versionProblem(call) ?? problemOf(request);
  if (problem !== null) return refused({ message: problem });
  if (
    request.thinking?.type === 'enabled' &&
    request.thinking.budget_tokens >= request.max_tokens
  ) {
    return refused({ message: '`max_tokens` must be greater than `thinking.budget_tokens`.' });
  }
  const prompt = {
    ...promptOf(request),
    stop: request.stop_sequences ?? [],
    maxTokens: request.max_tokens,
    subject: request.metadata?.user_id ?? null,
    // Shown only where it was asked for in so many words.
    thinking: request.thinking?.type === 'enabled',
  };
  return { ok: true, value: { prompt, stream: request.stream === true } };
}

export function readCount(body: unknown, call: HttpCall): Checked<Prompt> {
  const checked = check(countSchema, body, anthropicWording);
  if (!checked.ok) return checked;
  const problem = versionProblem(call) ?? problemOf(checked.value);
  return problem === null
    ? { ok: true, value: promptOf(checked.value) }
    : refused({ message: problem });
}

function versionProblem({ headers }: HttpCall): string | null {
  return headers['anthropic-version'] === undefined
    ? 'anthropic-version: header is required'
    : null;
}

function promptOf(request: Shared): Prompt {
  const { system, tool_choice: choice } = request;
  const wanted = request.output_config?.format ?? request.output_format;
  const instructions =
    typeof system === 'string' ? system : system?.map(({ text }) => text).join('\n');
  const first: Turn[] = instructions ? [{ role: 'system', text: instructions, media: [] }] : [];
  return {
    model: request.model,
    turns: [...first, ...request.messages.flatMap(turnsOf)],
    tools: (request.tools ?? []).map(({ name, description = '', input_schema: parameters }) => ({
      name,
      description,
      parameters,
    })),
    toolChoice: choiceOf(request),
    parallelTools: !(
      choice &&
      'disable_parallel_tool_use' in choice &&
      choice.disable_parallel_tool_use
    ),
    format: wanted ? { kind: 'schema', name: 'output', schema: wanted.schema } : { kind: 'text' },
    stop: [],
    maxTokens: Number.POSITIVE_INFINITY,
    choices: 1,
    subject: null,
    seed: 0,
    thinking: false,
  };
}

function choiceOf({ tool_choice: choice, tools }: Shared): ToolChoice {
  switch (choice?.type) {
    case 'any':
      return { kind: 'required' };
    case 'tool':
      return { kind: 'named', name: choice.name };
    case 'none':
      return { kind: 'none' };
    default:
      return { kind: tools?.length ? 'auto' : 'none' };
  }
}

/** A message of the user may hold answers of tools beside text: they are turns of their own. */
function turnsOf({ role, content }: Shared['messages'][number]): Turn[] {
  if (typeof content === 'string') return [{ role, text: content, media: [] }];
  const results = content.filter((part) => part.type === 'tool_result');
  const rest = content.filter((part) => part.type !== 'tool_result');
  const turns: Turn[] = results.map(({ content: result = '' }) => ({
    role: 'tool',
    ...(typeof result === 'string' ? { text: result, media: [] } : textOf(result)),
  }));
  const own = textOf(rest);
  // Text that goes with the answers of tools belongs to them, and opens no new question.
  if (results.length === 0) turns.push({ role, ...own });
  else if (own.text !== '') turns.push({ role: 'tool', ...own });
  return turns;
}

function textOf(blocks: readonly Block[]): Pick<Turn, 'text' | 'media'> {
  const media: string[] = [];
  const texts = blocks.flatMap((part) => {
    if (part.type === 'text') return [part.text];
    if (part.type !== 'image' && part.type !== 'document') return [];
    const sentence = describe(part.type === 'image' ? 'image' : 'file', part.source);
    media.push(sentence);
    return [sentence];
  });
  return { text: texts.join('\n'), media };
}

function describe(kind: 'image' | 'file', from: z.infer<typeof source>): string {
  if (from.type === 'url') return describeImage(from.url);
  if (from.type === 'file') return `The ${kind} is ${from.file_id}.`;
  if (from.type === 'text') return from.data;
  return describeData(kind, from.media_type, from.data);
}

function problemOf({ messages, tools = [], tool_choice: choice }: Shared): string | null {
  if (choice?.type === 'tool' && !tools.some(({ name }) => name === choice.name)) {
    return `Tool '${choice.name}' not found in provided tools`;
  }
  if (choice !== undefined && choice.type !== 'none' && tools.length === 0) {
    return 'tool_choice: may only be specified while providing `tools`.';
  }
  let open: string[] = [];
  for (const [index, { content }] of messages.entries()) {
    const blocks: Block[] = typeof content === 'string' ? [] : content;
    const answered = blocks.flatMap((part) =>
      part.type === 'tool_result' ? [part.tool_use_id] : [],
    );
    const missing = open.filter((id) => !answered.includes(id));
    if (missing.length > 0) {
      return `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
    }
    const unknown = answered.find((id) => !open.includes(id));
    if (unknown !== undefined) {
      return `messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${unknown}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
    }
    open = blocks.flatMap((part) => (part.type === 'tool_use' ? [part.id] : []));
  }
  return null;
}
