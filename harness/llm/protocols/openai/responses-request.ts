/** `POST /v1/responses`: what may be asked, and what it asks of the model. */
import { z } from 'zod';
import type { Format, Prompt, ToolChoice, Turn } from '../../answers/prompt.ts';
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
} from './parameters.ts';

const inputPart = z.discriminatedUnion('type', [
  z.looseObject({ type: z.enum(['input_text', 'output_text', 'text']), text: z.string() }),
  z.looseObject({ type: z.literal('refusal'), refusal: z.string() }),
  z.looseObject({ type: z.literal('input_image'), image_url: z.string().nullish() }),
  z.looseObject({
    type: z.literal('input_file'),
    filename: z.string().nullish(),
    file_data: z.string().nullish(),
  }),
  z.looseObject({
    type: z.literal('input_audio'),
    input_audio: z.looseObject({ data: z.string(), format: z.string() }),
  }),
]);
const content = z.union([z.string(), z.array(inputPart)]);

const message = z.looseObject({
  type: z.literal('message').optional(),
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content,
});
const item = z.union([
  z.discriminatedUnion('type', [
    z.looseObject({
      type: z.literal('function_call'),
      call_id: z.string(),
      name: z.string(),
      arguments: z.string(),
    }),
    z.looseObject({
      type: z.literal('function_call_output'),
      call_id: z.string(),
      output: content,
    }),
    z.looseObject({ type: z.literal('reasoning') }),
  ]),
  message,
]);
type Item = z.infer<typeof item>;

const responsesSchema = z.strictObject({
  ...unheeded,
  ...sampling,
  model: z.string().min(1),
  input: z.union([z.string(), z.array(item)]).optional(),
  instructions: z.string().nullish(),
  max_output_tokens: z.int().min(16).nullish(),
  max_tool_calls: z.unknown().optional(),
  include: z.array(z.string()).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  previous_response_id: z.string().nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({}).nullish(),
  text: z
    .looseObject({
      format: z
        .discriminatedUnion('type', [
          z.looseObject({ type: z.literal('text') }),
          z.looseObject({ type: z.literal('json_object') }),
          z.looseObject({ type: z.literal('json_schema'), ...jsonSchemaShape }),
        ])
        .nullish(),
    })
    .nullish(),
  tools: z.array(z.looseObject({ type: z.literal('function'), ...functionShape })).nullish(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.looseObject({ type: z.literal('function'), name: z.string() }),
    ])
    .nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  background: unsupported('background', 'It answers in the foreground only.'),
  conversation: unsupported('conversation', "Use 'previous_response_id' instead."),
  prompt: unsupported('prompt', "Use 'instructions' and 'input' instead."),
});

export type ResponsesBody = z.infer<typeof responsesSchema>;

export interface ResponsesRequest {
  body: ResponsesBody;
  prompt: Prompt;
  /** How many alternatives to list for each token; null for no probabilities at all. */
  logprobs: number | null;
}

/** `turnsOf` gives the turns of a response that is stored, undefined when it is not. */
export function readResponses(
  input: unknown,
  turnsOf: (id: string) => Turn[] | undefined,
): Checked<ResponsesRequest> {
  const checked = check(responsesSchema, input, openaiWording);
  if (!checked.ok) return checked;
  const body = checked.value;
  const previousId = body.previous_response_id ?? null;
  const previous = previousId === null ? [] : turnsOf(previousId);
  if (previous === undefined) {
    return refused({
      message: `Previous response with id '${previousId}' not found.`,
      param: 'previous_response_id',
      code: 'previous_response_not_found',
    });
  }
  const prompt = promptOf(body, previous);
  const format = body.text?.format;
  const problem =
    (format?.type === 'json_schema' ? formatProblem(format, 'text.format') : null) ??
    toolProblem(body.tools ?? [], prompt.toolChoice);
  if (problem !== null) return refused(problem);
  if (prompt.turns.length === 0) {
    return refused({
      message: "Missing required parameter: 'input'.",
      param: 'input',
      code: 'missing_required_parameter',
    });
  }
  const wanted = body.include?.includes('message.output_text.logprobs') === true;
  return { ok: true, value: { body, prompt, logprobs: wanted ? (body.top_logprobs ?? 0) : null } };
}

function promptOf(body: ResponsesBody, previous: readonly Turn[]): Prompt {
  const { input = [], instructions } = body;
  const items: Item[] = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
  const system: Turn[] = instructions ? [{ role: 'system', text: instructions, media: [] }] : [];
  return {
    model: body.model,
    turns: [...system, ...previous, ...items.flatMap(turnOf)],
    tools: (body.tools ?? []).map(toolOf),
    toolChoice: choiceOf(body),
    parallelTools: body.parallel_tool_calls !== false,
    format: formatFor(body),
    stop: [],
    maxTokens: body.max_output_tokens ?? Number.POSITIVE_INFINITY,
    choices: 1,
    subject: body.user ?? null,
    seed: body.seed ?? 0,
    thinking: false,
  };
}

function formatFor(body: ResponsesBody): Format {
  const format = body.text?.format;
  if (format?.type === 'json_schema') return formatOf(format);
  return { kind: format?.type === 'json_object' ? 'json' : 'text' };
}

function choiceOf({ tool_choice: choice, tools }: ResponsesBody): ToolChoice {
  if (typeof choice === 'object' && choice !== null) return { kind: 'named', name: choice.name };
  return { kind: choice ?? (tools?.length ? 'auto' : 'none') };
}

function turnOf(item: Item): Turn[] {
  if (item.type === 'reasoning') return [];
  if (item.type === 'function_call') return [{ role: 'assistant', text: '', media: [] }];
  if (item.type === 'function_call_output') return [{ role: 'tool', ...textOf(item.output) }];
  const role = item.role === 'developer' ? 'system' : item.role;
  return [{ role, ...textOf(item.content) }];
}

function textOf(given: z.infer<typeof content>): Pick<Turn, 'text' | 'media'> {
  if (typeof given === 'string') return { text: given, media: [] };
  const media: string[] = [];
  const texts = given.map((part) => {
    if ('text' in part && typeof part.text === 'string') return part.text;
    if (part.type === 'refusal') return part.refusal;
    const sentence = describe(part as Exclude<typeof part, { text: string }>);
    media.push(sentence);
    return sentence;
  });
  return { text: texts.join('\n'), media };
}

function describe(part: z.infer<typeof inputPart>): string {
  if (part.type === 'input_image') return describeImage(part.image_url ?? '');
  if (part.type === 'input_audio') {
    return describeData('sound', part.input_audio.format, part.input_audio.data);
  }
  if (part.type !== 'input_file') return '';
  const data = part.file_data ?? '';
  return describeData('file', part.filename ?? 'unnamed', data.slice(data.indexOf(',') + 1));
}
