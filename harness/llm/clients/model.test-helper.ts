/** What the tests of all clients share: a model of their own, and what they ask it. */
import { onTestFinished } from 'vitest';
import { createModelServer, type ModelServer, type ModelServerOptions } from '../server/server.ts';

export const DOCUMENT = `# Pumps
The pump starts at dawn and stops at dusk. It is fed by the northern well.

# Valves
Each valve opens in eleven seconds. A stuck valve is reported to the keeper.

# Tanks
The tank holds nine hundred litres. It overflows into the garden.
`;

export const QUESTION = `${DOCUMENT}\nHow much does the tank hold?`;
export const ANSWER = 'nine hundred litres';

/** Asks for the tool, and is answered by it. */
export const WEATHER_QUESTION = 'What is the weather in Paris today?';
export const WEATHER_RESULT = 'It is eighteen degrees and raining in Paris.';

export const weatherParameters = {
  type: 'object',
  properties: { city: { type: 'string' }, unit: { enum: ['celsius', 'fahrenheit'] } },
  required: ['city', 'unit'],
  additionalProperties: false,
} as const;

/** Asked for as structured output. */
export const partsSchema = {
  type: 'object',
  properties: {
    parts: {
      type: 'array',
      items: {
        type: 'object',
        properties: { title: { type: 'string' }, text: { type: 'string' } },
        required: ['title', 'text'],
        additionalProperties: false,
      },
    },
  },
  required: ['parts'],
  additionalProperties: false,
} as const;

export const PART_TITLES = ['Pumps', 'Valves', 'Tanks'];

export const titlesIn = (json: string): string[] =>
  (JSON.parse(json) as { parts: { title: string }[] }).parts.map(({ title }) => title);

/** Longer than a first token takes on a busy machine, and short enough to wait for. */
export const PATIENCE_MS = 700;

/** Quick, and gone with the test that started it. */
export async function startModel(options: Partial<ModelServerOptions> = {}): Promise<ModelServer> {
  const pace = { ttftMs: 0, tokensPerSecond: 100_000 };
  const model = await createModelServer({ seed: 1, pace, ...options });
  onTestFinished(() => model[Symbol.asyncDispose]());
  return model;
}

/** The base URL without `/v1`. */
export const originOf = ({ url }: ModelServer): string => url.replace(/\/v1$/, '');
