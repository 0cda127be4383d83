import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerTo, exactly, excerptOf, naturalParts, partsOf, statementsOf } from './excerpts.ts';
import { sectionsOf } from './sections.ts';
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

describe('sectionsOf', () => {
  test('takes titles from headings, and leaves out what is no prose', () => {
    const document =
      '# One\n\nFirst text here. And more.\n\nTwo\n---\nSecond text here.\n\n```\n# no heading\n```\n\n| a | b |\n|---|---|\n| c | d |\n\n## Three ##\n- Third text here.\n- Fourth.\n\n> Quoted text.';
    expect(sectionsOf(document)).toEqual([
      { title: 'One', paragraphs: [['First text here.', 'And more.']] },
      { title: 'Two', paragraphs: [['Second text here.']] },
      {
        title: 'Three',
        paragraphs: [['Third text here.'], ['Fourth.'], ['Quoted text.']],
      },
    ]);
  });

  test('ends on any input', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 2000 }), (text) => {
        const parts = partsOf(sectionsOf(text), naturalParts(text), 3);
        expect(parts.length).toBeLessThanOrEqual(8);
      }),
    );
  });
});

describe('partsOf', () => {
  test.each(GUIDES)('finds three to eight parts in the guide of $name, in its own words', ({
    text: guide,
  }) => {
    const prose = collapse(guide);
    const parts = partsOf(sectionsOf(guide), naturalParts(guide), 3);
    expect(parts.length).toBeGreaterThanOrEqual(3);
    expect(parts.length).toBeLessThanOrEqual(8);
    for (const part of parts) expect(prose).toContain(excerptOf([part], 10).slice(0, 100));
  });

  test('cuts a text without headings by paragraph or sentence', () => {
    const parts = partsOf(sectionsOf('The pump starts. The valve opens. The tank fills.'), 3, 3);
    expect(parts.map((part) => excerptOf([part], 100))).toEqual([
      'The pump starts.',
      'The valve opens.',
      'The tank fills.',
    ]);
  });

  test('gives what there is of a text too short, and nothing of none', () => {
    expect(partsOf(sectionsOf('Hello'), 3, 3)).toHaveLength(1);
    expect(partsOf(sectionsOf('  \n'), 3, 3)).toEqual([]);
  });
});

describe('statementsOf', () => {
  test('takes sentences that state something', () => {
    const text =
      'Why is that? Pump number 1 starts at dawn. Pump number 2 starts at noon. As follows:';
    expect(statementsOf(sectionsOf(text))).toEqual([
      'Pump number 1 starts at dawn.',
      'Pump number 2 starts at noon.',
    ]);
  });

  test('cuts a lone sentence into its clauses', () => {
    const text = 'The pump starts at dawn, and the valve opens at noon.';
    expect(statementsOf(sectionsOf(text))).toEqual([
      'The pump starts at dawn,',
      'and the valve opens at noon.',
    ]);
  });
});

test('answerTo picks the sentences that share the question’s words', () => {
  const context =
    'Cats sleep. The writer lock is held by the compactor. Dogs bark. Birds sing. Fish swim.';
  const question = 'Who holds the writer lock?';
  const answer = answerTo(question, `${context}\n\n${question}`);
  expect(answer).toContain('The writer lock is held by the compactor.');
  expect(answerTo(question, context, 2)).not.toBe(answer);
});

test('an answer can be made exactly so long', () => {
  const tokens = tokensOf('The pump starts.');
  expect(exactly(tokens, 3)).toEqual(tokens.slice(0, 3));
  expect(exactly(tokens, 6).join('')).toBe('The pump starts. The pump');
  expect(exactly([], 4)).toHaveLength(4);
});
