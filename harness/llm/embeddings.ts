/** `POST /v1/embeddings`: one vector for each input, as numbers or as base64 of little-endian floats. */
import { z } from 'zod';
import { type Answer, jsonAnswer } from './answer.ts';
import { DEFAULT_DIMENSIONS, embed } from './embed.ts';
import { type Checked, check } from './request.ts';
import type { Asked } from './rules.ts';
import { tokensOf } from './text.ts';

const text = z.string('expected a string or an array of strings').min(1, 'it must not be empty');

const embeddingsSchema = z.looseObject({
  model: z.string().min(1),
  input: z.union([text, z.array(text).min(1).max(2048)], {
    error: 'expected a string or an array of 1 to 2048 strings, none of them empty',
  }),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.int().min(1).max(4096).nullish(),
  user: z.string().nullish(),
});

export type EmbeddingsRequest = z.infer<typeof embeddingsSchema>;

export function readEmbeddings(body: unknown): Checked<EmbeddingsRequest> {
  return check(embeddingsSchema, body);
}

export function askedByEmbeddings(request: EmbeddingsRequest): Asked {
  const subject = request.user ?? null;
  return { operation: 'embeddings', subject, text: [request.input].flat().join('\n') };
}

/** The answer to `request`; `offSchema` leaves the vectors out. */
export function answerEmbeddings(request: EmbeddingsRequest, offSchema: boolean): Answer {
  const inputs = [request.input].flat();
  const promptTokens = inputs.reduce((sum, input) => sum + tokensOf(input).length, 0);
  const encode = request.encoding_format === 'base64' ? base64Of : numbersOf;
  const dimensions = request.dimensions ?? DEFAULT_DIMENSIONS;
  const data = inputs.map((input, index) => ({
    object: 'embedding',
    index,
    embedding: encode(embed(input, dimensions)),
  }));
  return jsonAnswer(200, {
    object: 'list',
    data: offSchema ? [] : data,
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

/** Nine digits tell any two floats of 32 bits apart. */
function numbersOf(vector: Float32Array): number[] {
  return Array.from(vector, (value) => Number(value.toPrecision(9)));
}
