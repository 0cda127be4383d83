/** Parameters that several of OpenAI's routes share: tools, formats, sampling. */
import { z } from 'zod';
import type { Format, Tool, ToolChoice } from '../../answers/prompt.ts';
import { isObject, type Schema } from '../../answers/schema/json-schema.ts';
import { strictProblem } from './strict-schema.ts';

/** Names of tools and schemas. */
export const nameSchema = z
  .string()
  .regex(/^[a-zA-Z0-9_-]{1,64}$/, 'expected 1 to 64 letters, digits, underscores or dashes');

export const jsonSchema = z.custom<Schema>(
  (value) => isObject(value) || typeof value === 'boolean',
  'expected a JSON Schema',
);

/** Shapes how the model would choose its words: it has no say in an answer made of given text. */
export const sampling = {
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  seed: z.int().nullish(),
  user: z.string().nullish(),
};

/** Passed on by clients of compatible servers (vLLM, OpenRouter and others); they change no form. */
const UNHEEDED = [
  'cache_prompt',
  'chat_template_kwargs',
  'enable_thinking',
  'ignore_eos',
  'include_reasoning',
  'length_penalty',
  'metadata',
  'min_p',
  'min_tokens',
  'mirostat',
  'models',
  'plugins',
  'prediction',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'provider',
  'reasoning',
  'reasoning_effort',
  'repetition_penalty',
  'route',
  'safety_identifier',
  'service_tier',
  'skip_special_tokens',
  'store',
  'thinking',
  'top_a',
  'top_k',
  'transforms',
  'typical_p',
  'usage',
  'verbosity',
] as const;

export const unheeded = Object.fromEntries(
  UNHEEDED.map((name) => [name, z.unknown().optional()]),
) as Record<(typeof UNHEEDED)[number], z.ZodOptional<z.ZodUnknown>>;

/** A parameter that this model does not have; `instead` says what to use. */
export function unsupported(name: string, instead: string): z.ZodType<undefined> {
  return z
    .unknown()
    .optional()
    .check((context) => {
      if (context.value === undefined || context.value === null) return;
      context.issues.push({
        code: 'custom',
        input: context.value,
        message: `Unsupported parameter: '${name}' is not supported with this model. ${instead}`,
        params: { code: 'unsupported_parameter' },
      });
    }) as unknown as z.ZodType<undefined>;
}

/** A tool as `parameters` describes it; without any it takes none. */
export const NO_PARAMETERS: Schema = {
  type: 'object',
  properties: {},
  additionalProperties: false,
};

export interface FunctionTool {
  name: string;
  description?: string | null | undefined;
  parameters?: Schema | null | undefined;
  strict?: boolean | null | undefined;
}

export const functionShape = {
  name: nameSchema,
  description: z.string().nullish(),
  parameters: jsonSchema.nullish(),
  strict: z.boolean().nullish(),
};

export function toolOf({ name, description, parameters }: FunctionTool): Tool {
  return { name, description: description ?? '', parameters: parameters ?? NO_PARAMETERS };
}

/** The first problem of `tools` and of the choice among them; null when there is none. */
export function toolProblem(
  tools: readonly FunctionTool[],
  choice: ToolChoice,
): { message: string; param: string; code: string } | null {
  for (const { name, parameters, strict } of tools) {
    const problem = strict && parameters ? strictProblem(parameters) : null;
    if (problem !== null) {
      const message = `Invalid schema for function '${name}': ${problem}`;
      return { message, param: 'tools', code: 'invalid_function_parameters' };
    }
  }
  const invalid = (message: string) => ({ message, param: 'tool_choice', code: 'invalid_value' });
  if (choice.kind === 'named' && !tools.some(({ name }) => name === choice.name)) {
    return invalid(`Tool choice '${choice.name}' not found in 'tools' parameter.`);
  }
  if (choice.kind === 'required' && tools.length === 0) {
    return invalid("'tool_choice' is only allowed when 'tools' are specified.");
  }
  return null;
}

export interface JsonSchemaFormat {
  name: string;
  schema?: Schema | null | undefined;
  strict?: boolean | null | undefined;
}

export const jsonSchemaShape = {
  name: nameSchema,
  description: z.string().nullish(),
  schema: jsonSchema.nullish(),
  strict: z.boolean().nullish(),
};

export function formatOf({ name, schema }: JsonSchemaFormat): Format {
  return { kind: 'schema', name, schema: schema ?? {} };
}

export function formatProblem(
  { name, schema, strict }: JsonSchemaFormat,
  param: string,
): { message: string; param: string; code: string | null } | null {
  const problem = strict && schema ? strictProblem(schema) : null;
  if (problem === null) return null;
  return { message: `Invalid schema for ${param} '${name}': ${problem}`, param, code: null };
}

/** Azure's name of a model stands in the path; a body may leave it out there. */
export function withDeployment(body: unknown, deployment: string | undefined): unknown {
  return deployment === undefined || !isObject(body) || body.model
    ? body
    : { ...body, model: deployment };
}
