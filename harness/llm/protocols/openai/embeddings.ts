/** `POST /v1/embeddings`: one vector for each input, as numbers or as base64 of little-endian floats. */
import { z } from 'zod';
import { type Answer, jsonAnswer } from '../../answers/answer.ts';
import { DEFAULT_DIMENSIONS, embed, embedTokens } from '../../answers/embed.ts';
import { tokensOf } from '../../answers/prose/text.ts';
import { check } from '../check.ts';
import type { Endpoint } from '../endpoint.ts';
import { openai, openaiWording } from './errors.ts';
import { withDeployment } from './parameters.ts';

const text = z.string().min(1, 'it must not be empty');
const tokens = z.array(z.int().min(0)).min(1).max(8192);
const input = z.union(
  [text, z.array(text).min(1).max(2048), tokens, z.array(tokens).min(1).max(2048)],
  {
    error:
      'expected a string, an array of strings, an array of tokens, or an array of arrays of tokens; none of them empty, and at most 2048',
  },
);

/** `input_type` and `truncate` are passed on by clients of compatible servers. */
const embeddingsSchema = z.strictObject({
  model: z.string().min(1),
  input,
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.int().min(1).max(4096).nullish(),
  user: z.string().nullish(),
  input_type: z.unknown().optional(),
  truncate: z.unknown().optional(),
});

type EmbeddingsRequest = z.infer<typeof embeddingsSchema>;
type Input = string | number[];

export const embeddings: Endpoint = {
  route: 'embeddings',
  operation: 'embeddings',
  method: 'POST',
  provider: openai,
  read(body, call) {
    const named = withDeployment(body, call.names.deployment);
    const checked = check(embeddingsSchema, named, openaiWording);
    if (!checked.ok) return checked;
    const request = checked.value;
    const inputs = inputsOf(request.input);
    const asked = inputs.map((one) => (typeof one === 'string' ? one : one.join(' ')));
    return {
      ok: true,
      value: {
        model: request.model,
        subject: request.user ?? null,
        text: asked.join('\n'),
        lastText: asked.at(-1) ?? '',
        streamed: false,
        answer: ({ offSchema }) => answer(request, inputs, offSchema === true),
      },
    };
  },
};

function inputsOf(given: EmbeddingsRequest['input']): Input[] {
  if (typeof given === 'string') return [given];
  const isOneText = given.every((item) => typeof item === 'number');
  return isOneText ? [given as number[]] : (given as Input[]);
}

function answer(request: EmbeddingsRequest, inputs: readonly Input[], empty: boolean): Answer {
  const promptTokens = inputs.reduce(
    (sum, one) => sum + (typeof one === 'string' ? tokensOf(one) : one).length,
    0,
  );
  const encode = request.encoding_format === 'base64' ? base64Of : numbersOf;
  const dimensions = request.dimensions ?? DEFAULT_DIMENSIONS;
  const data = inputs.map((one, index) => ({
    object: 'embedding',
    index,
    embedding: encode(
      typeof one === 'string' ? embed(one, dimensions) : embedTokens(one, dimensions),
    ),
  }));
  return jsonAnswer(200, {
    object: 'list',
    data: empty ? [] : data,
    model: request.model,
    usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
  });
}

function base64Of(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, i) => {
    bytes.writeFloatLE(value, i * 4);
  });
  return bytes.toString('base64');
}

/** Nine digits distinguish any two floats of 32 bits. */
export function numbersOf(vector: Float32Array): number[] {
  return Array.from(vector, (value) => Number(value.toPrecision(9)));
}
