import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerTo, factsOf, topicsOf } from './extract.ts';
import { tokensOf } from './text.ts';

const collapse = (text: string): string => text.replace(/\s+/g, ' ');
/** Markdown guides of 10 to 20 KB that ship with installed dependencies. */
const GUIDES = ['fastify', 'ajv', 'avvio', 'undici', 'debug'].map((name) => ({
  name,
  text: readFileSync(`node_modules/${name}/README.md`, 'utf8').slice(0, 20_000),
}));

describe('tokensOf', () => {
  test('loses nothing of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        expect(tokensOf(text).join('')).toBe(text);
      }),
    );
  });

  test('is about a word a token', () => {
    expect(tokensOf('Retry the upload, please.')).toEqual([
      'Retry',
      ' the',
      ' upload',
      ',',
      ' please',
      '.',
    ]);
  });
});

describe('topicsOf', () => {
  test.each(GUIDES)('finds three to eight topics in the guide of $name, in its own words', ({
    text: guide,
  }) => {
    const topics = topicsOf(guide);
    const prose = collapse(guide);
    expect(topics.length).toBeGreaterThanOrEqual(3);
    expect(topics.length).toBeLessThanOrEqual(8);
    expect(topics.filter(({ title, text }) => title === '' || text.length > 600)).toEqual([]);
    const sentences = topics.flatMap(({ text }) => text.split(/(?<=[.!?])\s+/));
    expect(sentences.filter((sentence) => !prose.includes(sentence))).toEqual([]);
    const tokens = tokensOf(JSON.stringify({ topics })).length;
    expect(tokens).toBeGreaterThan(50);
    expect(tokens).toBeLessThan(450);
  });

  test('takes its titles from the headings', () => {
    const document =
      '# One\n\nFirst text here.\n\nTwo\n---\nSecond text here.\n\n```\n# no heading\n```\n\n## Three ##\n- Third text here.';
    expect(topicsOf(document)).toEqual([
      { title: 'One', text: 'First text here.' },
      { title: 'Two', text: 'Second text here.' },
      { title: 'Three', text: 'Third text here.' },
    ]);
  });

  test('cuts a text without headings by paragraph or sentence', () => {
    const topics = topicsOf('The pump starts. The valve opens. The tank fills.');
    expect(topics.map(({ text }) => text)).toEqual([
      'The pump starts.',
      'The valve opens.',
      'The tank fills.',
    ]);
  });

  test('gives what there is of a text too short, and nothing of none', () => {
    expect(topicsOf('Hello')).toEqual([{ title: 'Hello', text: 'Hello' }]);
    expect(topicsOf('```\ncode only\n```')).toHaveLength(1);
    expect(topicsOf('  \n')).toEqual([]);
  });

  test('ends on any input', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 2000 }), (text) => {
        const topics = topicsOf(text);
        expect(topics.length).toBeLessThanOrEqual(8);
        if (text.trim() !== '') expect(topics.length).toBeGreaterThan(0);
        expect(factsOf(text).length).toBeLessThanOrEqual(6);
      }),
    );
  });
});

describe('factsOf', () => {
  test('takes sentences that state something, six at most', () => {
    const sentence = (i: number) => `Pump number ${i} starts at dawn.`;
    const text = `Why is that? ${Array.from({ length: 9 }, (_, i) => sentence(i)).join(' ')} As follows:`;
    const facts = factsOf(text);
    expect(facts).toHaveLength(6);
    expect(facts[0]).toBe(sentence(0));
    expect(facts).not.toContain('Why is that?');
  });

  test('cuts a lone sentence into its clauses', () => {
    expect(factsOf('The pump starts at dawn, and the valve opens at noon.')).toEqual([
      'The pump starts at dawn,',
      'and the valve opens at noon.',
    ]);
  });
});

test('answerTo picks the sentences that share the question’s words', () => {
  const context =
    'Cats sleep. The writer lock is held by the compactor. Dogs bark. Birds sing. Fish swim.';
  expect(
    answerTo('Who holds the writer lock?', `${context}\n\nWho holds the writer lock?`),
  ).toContain('The writer lock is held by the compactor.');
});
