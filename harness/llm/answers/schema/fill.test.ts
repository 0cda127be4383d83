import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fillSchema } from './fill.ts';
import type { ObjectSchema, Schema } from './json-schema.ts';

const DOCUMENT = `# Pumps
The pump starts at dawn and stops at dusk. It is fed by the northern well.

# Valves
Each valve opens in eleven seconds. A stuck valve is reported to the keeper.

# Tanks
The tank holds nine hundred litres. It overflows into the garden.
`;

const source = (text: string, question = '') => ({ text, question, context: text });
const object = (properties: Record<string, object>, rest: object = {}): ObjectSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...rest,
});
const string = { type: 'string' };
const list = (items: object, rest: object = {}): object => ({ type: 'array', items, ...rest });

/** Compiled here once more, by hand: not by what the model checks its own answers with. */
function isValid(schema: Schema, value: unknown): boolean {
  const { $schema = '', ...bare } = schema as Record<string, unknown>;
  const draft7 = String($schema).includes('draft-07') || Array.isArray(bare.items);
  const ajv = draft7 ? new Ajv({ strict: false }) : new Ajv2020({ strict: false });
  return formats.default(ajv as Ajv).validate(bare, value);
}

const SCHEMAS: [what: string, schema: Schema][] = [
  [
    'strings, numbers and booleans',
    object({ a: string, b: { type: 'number' }, c: { type: 'boolean' } }),
  ],
  ['enum and const', object({ a: { enum: ['x', 'y'] }, b: { const: 5 } })],
  [
    'ranges',
    object({
      a: { type: 'number', minimum: 0, maximum: 1 },
      b: { type: 'integer', exclusiveMinimum: 3, multipleOf: 5 },
    }),
  ],
  [
    'lengths',
    object({
      a: { ...string, maxLength: 10 },
      b: { ...string, minLength: 900 },
      c: { ...string, minLength: 3, maxLength: 3 },
    }),
  ],
  ['patterns', object({ a: { ...string, pattern: '^[A-Z]{3}-\\d{2,4}$' } })],
  [
    'formats',
    object(
      Object.fromEntries(
        ['uuid', 'date', 'date-time', 'email', 'uri', 'ipv4'].map((format) => [
          format,
          { ...string, format },
        ]),
      ),
    ),
  ],
  [
    'nullable',
    object({ a: { anyOf: [string, { type: 'null' }] }, b: { type: ['string', 'null'] } }),
  ],
  [
    'variants',
    {
      oneOf: [
        object({ kind: { const: 'a' }, x: { type: 'number' } }),
        object({ kind: { const: 'b' } }),
      ],
    },
  ],
  [
    'allOf',
    {
      allOf: [
        { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] },
        { properties: { b: string }, required: ['b'] },
      ],
    },
  ],
  [
    'definitions',
    object(
      { facts: list({ $ref: '#/$defs/Fact' }) },
      { $defs: { Fact: object({ statement: string, tags: list(string) }) } },
    ),
  ],
  [
    'a definition as the root',
    {
      $schema: 'http://json-schema.org/draft-07/schema#',
      $ref: '#/definitions/R',
      definitions: { R: object({ items: list(string) }) },
    },
  ],
  [
    'a list of itself',
    {
      $ref: '#/$defs/node',
      $defs: { node: object({ v: string, kids: list({ $ref: '#/$defs/node' }) }) },
    },
  ],
  [
    'the root again',
    { type: 'object', properties: { me: { $ref: '#' }, v: { type: 'integer' } }, required: ['v'] },
  ],
  [
    'tuples',
    { type: 'array', prefixItems: [string, { type: 'number' }], items: false, minItems: 2 },
  ],
  [
    'tuples of draft 7',
    { type: 'array', items: [string, { type: 'number' }], additionalItems: false, minItems: 2 },
  ],
  ['unique strings', list(string, { minItems: 10, uniqueItems: true }) as Schema],
  ['unique choices', list({ enum: ['a', 'b'] }, { minItems: 2, uniqueItems: true }) as Schema],
  [
    'short arrays',
    object({
      a: list(string, { maxItems: 1 }),
      b: list({ type: 'integer' }, { minItems: 2, maxItems: 2 }),
    }),
  ],
  ['maps', { type: 'object', additionalProperties: { type: 'number' }, minProperties: 1 }],
  ['fields named like keywords', object({ type: string, properties: string, items: list(string) })],
  ['anything', {}],
  ['anything, said otherwise', true],
  [
    'what a model library writes',
    z.toJSONSchema(
      z.object({
        steps: z.array(z.object({ why: z.string(), done: z.boolean() })).min(2),
        answer: z.string().nullable(),
      }),
    ) as Schema,
  ],
];

test.each(SCHEMAS)('a value for %s', (_what, schema) => {
  for (const text of [
    DOCUMENT,
    'One short sentence is all we have.',
    '',
    '?!',
    '你好。世界很大。',
  ]) {
    for (const seed of [1, 2, 3]) {
      const value = fillSchema(schema, source(text), seed);
      expect(isValid(schema, value), JSON.stringify(value)).toBe(true);
      expect(fillSchema(schema, source(text), seed)).toEqual(value);
    }
  }
});

test.each<[string, Schema]>([
  ['no type of this name', { type: 'strin' }],
  ['nothing may be', false],
  ['nothing can be', { type: 'integer', minimum: 5, maximum: 3 }],
  ['a definition that is not there', { $ref: '#/$defs/none' }],
  ['a schema from elsewhere', { $ref: 'http://127.0.0.1:1/schema.json' }],
])('%s: there is no value, and it says so', (_what, schema) => {
  expect(() => fillSchema(schema, source(DOCUMENT), 1)).toThrow(
    expect.objectContaining({ message: expect.stringMatching(/\w/) }),
  );
});

describe('strings are drawn from the text', () => {
  const parts = object({ parts: list(object({ title: string, text: string })) });

  test('of a document, part by part, with its headings for titles', () => {
    const { parts: found } = fillSchema(parts, source(DOCUMENT), 1) as {
      parts: { title: string; text: string }[];
    };
    expect(found.map(({ title }) => title)).toEqual(['Pumps', 'Valves', 'Tanks']);
    expect(found[1]?.text).toBe(
      'Each valve opens in eleven seconds. A stuck valve is reported to the keeper.',
    );
  });

  test('of a text, sentence by sentence', () => {
    const schema = object({ facts: list(string) });
    const text = 'The tank holds nine hundred litres. It overflows into the garden.';
    expect(fillSchema(schema, source(text), 1)).toEqual({
      facts: ['The tank holds nine hundred litres.', 'It overflows into the garden.'],
    });
  });

  test('at the root: what answers the question', () => {
    const schema = object({ answer: string, sure: { type: 'boolean' } });
    const { answer } = fillSchema(schema, source(DOCUMENT, 'How much does the tank hold?'), 1) as {
      answer: string;
    };
    expect(answer).toContain('The tank holds nine hundred litres.');
  });

  test('a guide of 20 KB is worth eight parts, and an answer of under 450 words', () => {
    const guide = readFileSync('node_modules/fastify/README.md', 'utf8').slice(0, 20_000);
    const { parts: found } = fillSchema(parts, source(guide), 1) as { parts: object[] };
    expect(found).toHaveLength(Math.round(guide.length / 2500));
    expect(JSON.stringify(found).split(' ').length).toBeLessThan(450);
  });
});
