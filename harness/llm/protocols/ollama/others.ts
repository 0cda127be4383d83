/** Ollama's other routes: embeddings, and what models there are. */
import { z } from 'zod';
import { jsonAnswer } from '../../answers/answer.ts';
import { DEFAULT_DIMENSIONS, embed } from '../../answers/embed.ts';
import { tokensOf } from '../../answers/prose/text.ts';
import { check } from '../check.ts';
import type { Endpoint } from '../endpoint.ts';
import { numbersOf } from '../openai/embeddings.ts';
import { listQuestion, MODEL_NAMES } from '../openai/models.ts';
import { CREATED_AT } from './chat.ts';
import { ollama, ollamaWording } from './errors.ts';

const shared = {
  model: z.string().min(1),
  options: z.unknown().optional(),
  keep_alive: z.unknown().optional(),
};
const embedSchema = z.strictObject({
  ...shared,
  input: z.union([z.string(), z.array(z.string())]),
  dimensions: z.int().min(1).max(4096).nullish(),
  truncate: z.boolean().nullish(),
});
const oneSchema = z.strictObject({ ...shared, prompt: z.string() });

/** `POST /api/embed`: a vector for each input. */
export const ollamaEmbed: Endpoint = {
  route: 'ollama-embeddings',
  operation: 'embeddings',
  method: 'POST',
  provider: ollama,
  read(body) {
    const checked = check(embedSchema, body, ollamaWording);
    if (!checked.ok) return checked;
    const { model, input, dimensions } = checked.value;
    const inputs = [input].flat();
    return {
      ok: true,
      value: {
        ...embeddingQuestion(model, inputs),
        answer: ({ offSchema }) =>
          jsonAnswer(200, {
            model,
            embeddings: offSchema
              ? []
              : inputs.map((text) => numbersOf(embed(text, dimensions ?? DEFAULT_DIMENSIONS))),
            total_duration: 2_000_000,
            load_duration: 1_000_000,
            prompt_eval_count: inputs.reduce((sum, text) => sum + tokensOf(text).length, 0),
          }),
      },
    };
  },
};

/** `POST /api/embeddings`: the older route, for one text. */
export const ollamaEmbeddings: Endpoint = {
  ...ollamaEmbed,
  read(body) {
    const checked = check(oneSchema, body, ollamaWording);
    if (!checked.ok) return checked;
    const { model, prompt } = checked.value;
    return {
      ok: true,
      value: {
        ...embeddingQuestion(model, [prompt]),
        answer: ({ offSchema }) =>
          jsonAnswer(200, { embedding: offSchema ? [] : numbersOf(embed(prompt)) }),
      },
    };
  },
};

function embeddingQuestion(model: string, inputs: readonly string[]) {
  const text = inputs.join('\n');
  return { model, subject: null, text, lastText: inputs.at(-1) ?? '', streamed: false };
}

const DETAILS = {
  parent_model: '',
  format: 'gguf',
  family: 'hanglab',
  families: ['hanglab'],
  parameter_size: '0B',
  quantization_level: 'F32',
};
const MODELS = MODEL_NAMES.map((name) => ({
  name: `${name}:latest`,
  model: `${name}:latest`,
  modified_at: CREATED_AT,
  size: 0,
  digest: '0'.repeat(64),
  details: DETAILS,
}));

function list(method: 'GET' | 'POST', answer: () => object): Endpoint {
  return {
    route: 'ollama-models',
    operation: 'models',
    method,
    provider: ollama,
    read: () => ({ ok: true, value: listQuestion('', () => jsonAnswer(200, answer())) }),
  };
}

export const ollamaTags = list('GET', () => ({ models: MODELS }));
export const ollamaRunning = list('GET', () => ({ models: [] }));
export const ollamaVersion = list('GET', () => ({ version: '0.12.0' }));
export const ollamaShow = list('POST', () => ({
  modelfile: '',
  parameters: '',
  template: '{{ .Prompt }}',
  details: DETAILS,
  model_info: {},
  capabilities: ['completion', 'tools', 'embedding'],
}));
