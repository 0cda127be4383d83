import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { embed, embedTokens } from './embed.ts';
import { sectionsOf } from './prose/sections.ts';

/** Sentences of twenty guides that ship with installed dependencies, each with its guide's number. */
const guides = readdirSync('node_modules')
  .map((name) => `node_modules/${name}/README.md`)
  .filter((file) => existsSync(file) && statSync(file).size > 8000)
  .slice(0, 20)
  .map((file) =>
    sectionsOf(readFileSync(file, 'utf8').slice(0, 20_000))
      .flatMap(({ paragraphs }) => paragraphs.flat())
      .filter(({ length }) => length > 40),
  );

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);

function nearest(query: Float32Array, rows: readonly Float32Array[]): number {
  const scores = rows.map((row) => dot(query, row));
  return scores.indexOf(Math.max(...scores));
}

const share = (results: readonly boolean[]): number =>
  results.filter(Boolean).length / results.length;

test('a sentence, loosely quoted, is nearest to a row of its own document among twenty', () => {
  expect(guides).toHaveLength(20);
  const rows = guides.flatMap((sentences, guide) =>
    sentences.slice(0, 25).map((sentence) => ({ guide, sentence, vector: embed(sentence) })),
  );
  const vectors = rows.map(({ vector }) => vector);
  const found = rows.map(({ sentence, guide }) => {
    const quoted = sentence
      .toUpperCase()
      .split(' ')
      .filter((_, i) => i % 4 !== 3)
      .join(' ');
    return rows[nearest(embed(quoted), vectors)]?.guide === guide;
  });
  expect(share(found)).toBeGreaterThan(0.95);
});

test('a sentence is nearest to the passage it stands in', () => {
  const passages = guides.map((sentences) => sentences.slice(0, 6));
  const vectors = passages.map((sentences) => embed(sentences.join(' ')));
  const found = passages.flatMap((sentences, guide) =>
    sentences.map((sentence) => nearest(embed(sentence), vectors) === guide),
  );
  expect(share(found)).toBeGreaterThan(0.9);
});

test('vectors have length one, the dimensions asked for, and are the same every time', () => {
  for (const dimensions of [1, 8, 256, 1536]) {
    const vector = embed('Queues that stop moving', dimensions);
    expect(vector).toHaveLength(dimensions);
    expect(dot(vector, vector)).toBeCloseTo(1, 4);
    expect(embed('Queues that stop moving', dimensions)).toEqual(vector);
  }
  expect(embed('Queues that stop moving')).not.toEqual(embed('Queues that start moving'));
});

test('no text and no dimensions give a vector without length', () => {
  for (const text of ['?! ...', '', ' \n', '你好', 'pump'])
    for (const dimensions of [1, 2, 256]) {
      const vector = embed(text, dimensions);
      expect(dot(vector, vector)).toBeCloseTo(1, 4);
    }
});

test('tokens that a client has cut itself: those that share rare ones lie near each other', () => {
  const [query, near, far] = [
    embedTokens([791, 48221, 74, 99022]),
    embedTokens([791, 48221, 74, 1203, 556, 99022]),
    embedTokens([791, 74, 3011, 87, 22, 40111]),
  ] as [Float32Array, Float32Array, Float32Array];
  expect(dot(query, query)).toBeCloseTo(1, 4);
  expect(dot(query, near)).toBeGreaterThan(0.7);
  expect(dot(query, far)).toBeLessThan(0.3);
  const one = embedTokens([0], 1);
  expect(dot(one, one)).toBeCloseTo(1, 4);
});
