/** `/api/chat` and `/api/generate`: what may be asked, and what it asks of the model. */
import { z } from 'zod';
import type { Format, Prompt, Turn } from '../../answers/prompt.ts';
import { type Checked, check } from '../check.ts';
import { describeImage } from '../media.ts';
import { jsonSchema, NO_PARAMETERS } from '../openai/parameters.ts';
import { ollamaWording } from './errors.ts';

const options = z
  .looseObject({
    num_predict: z.int().optional(),
    stop: z.union([z.string(), z.array(z.string())]).optional(),
    seed: z.int().optional(),
    temperature: z.number().min(0).optional(),
  })
  .nullish();

const shared = {
  model: z.string().min(1, 'model is required'),
  stream: z.boolean().nullish(),
  format: z.union([z.literal(''), z.literal('json'), jsonSchema]).nullish(),
  options,
  keep_alive: z.unknown().optional(),
  think: z.union([z.boolean(), z.string()]).nullish(),
};

const messageSchema = z.looseObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string().nullish(),
  images: z.array(z.string()).nullish(),
});

const chatSchema = z.strictObject({
  ...shared,
  messages: z.array(messageSchema),
  tools: z
    .array(
      z.looseObject({
        type: z.literal('function'),
        function: z.looseObject({
          name: z.string().min(1),
          description: z.string().nullish(),
          parameters: jsonSchema.nullish(),
        }),
      }),
    )
    .nullish(),
});

const generateSchema = z.strictObject({
  ...shared,
  prompt: z.string().nullish(),
  system: z.string().nullish(),
  images: z.array(z.string()).nullish(),
  template: z.unknown().optional(),
  context: z.array(z.int()).nullish(),
  raw: z.boolean().nullish(),
});

export interface OllamaRequest {
  prompt: Prompt;
  stream: boolean;
}

export function readChat(body: unknown): Checked<OllamaRequest> {
  const checked = check(chatSchema, body, ollamaWording);
  if (!checked.ok) return checked;
  const request = checked.value;
  const turns = request.messages.map((message) =>
    turnOf(message.role, message.content ?? '', message.images ?? []),
  );
  const tools = (request.tools ?? []).map(({ function: { name, description, parameters } }) => ({
    name,
    description: description ?? '',
    parameters: parameters ?? NO_PARAMETERS,
  }));
  const prompt = { ...promptOf(request, turns), tools };
  if (tools.length > 0) prompt.toolChoice = { kind: 'auto' };
  return { ok: true, value: { prompt, stream: request.stream !== false } };
}

export function readGenerate(body: unknown): Checked<OllamaRequest> {
  const checked = check(generateSchema, body, ollamaWording);
  if (!checked.ok) return checked;
  const request = checked.value;
  const system = request.system ? [turnOf('system', request.system, [])] : [];
  const turns = [...system, turnOf('user', request.prompt ?? '', request.images ?? [])];
  return {
    ok: true,
    value: { prompt: promptOf(request, turns), stream: request.stream !== false },
  };
}

function promptOf(
  request: Pick<z.infer<typeof chatSchema>, 'model' | 'format' | 'options' | 'think'>,
  turns: Turn[],
): Prompt {
  const { num_predict: limit = -1, stop = [], seed = 0 } = request.options ?? {};
  return {
    model: request.model,
    turns,
    tools: [],
    toolChoice: { kind: 'none' },
    parallelTools: true,
    format: formatOf(request.format),
    stop: typeof stop === 'string' ? [stop] : stop,
    // Below 0: until it is finished.
    maxTokens: limit < 0 ? Number.POSITIVE_INFINITY : limit,
    choices: 1,
    subject: null,
    seed,
    thinking: request.think !== undefined && request.think !== null && request.think !== false,
  };
}

function formatOf(format: z.infer<typeof chatSchema>['format']): Format {
  if (format === 'json') return { kind: 'json' };
  if (typeof format === 'object' && format !== null) {
    return { kind: 'schema', name: 'format', schema: format };
  }
  return { kind: 'text' };
}

function turnOf(role: Turn['role'], content: string, images: readonly string[]): Turn {
  const media = images.map((image) => describeImage(`data:image/png;base64,${image}`));
  return { role, text: [content, ...media].filter((text) => text !== '').join('\n'), media };
}
