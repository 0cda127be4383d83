import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fillSchema } from '../llm/answers/schema/fill.ts';
import { random } from '../platform/random.ts';
import { loadCorpus } from './inputs.ts';

test('the bundled guides are enough for real documents of the reported sizes', () => {
  const corpus = loadCorpus(null, random(1));
  expect(corpus.sources).toBeGreaterThan(10);
  for (const bytes of [10_000, 20_000, 80_000]) {
    const { document } = corpus.input(3, { bytes });
    expect(Buffer.byteLength(document)).toBeLessThanOrEqual(bytes);
    expect(Buffer.byteLength(document)).toBeGreaterThan(bytes / 2);
  }
});

test('the same seed gives the same documents, another seed others', () => {
  const first = loadCorpus(null, random(7)).input(5, { bytes: 10_000 });
  expect(loadCorpus(null, random(7)).input(5, { bytes: 10_000 })).toEqual(first);
  expect(loadCorpus(null, random(8)).input(5, { bytes: 10_000 }).document).not.toBe(first.document);
});

test('each document has a sentence of its own, within its text', () => {
  const corpus = loadCorpus(null, random(1));
  const documents = Array.from({ length: 50 }, (_, i) => corpus.input(i, { bytes: 10_000 }));
  expect(new Set(documents.map(({ sentence }) => sentence)).size).toBe(50);
  for (const { document, sentence } of documents) expect(document).toContain(sentence);
});

test('the scripted model takes up that sentence, so that it can be searched for', () => {
  const string = { type: 'string' };
  const part = { type: 'object', properties: { title: string, text: string } };
  const schema = { type: 'object', properties: { parts: { type: 'array', items: part } } };
  for (let seed = 1; seed <= 20; seed++) {
    const corpus = loadCorpus(null, random(seed));
    for (let i = 0; i < 40; i++) {
      const { document, sentence } = corpus.input(i, { bytes: 10_000 + i * 250 });
      const answer = fillSchema(schema, { text: document, question: '', context: document }, seed);
      expect(JSON.stringify(answer)).toContain(sentence);
    }
  }
});

test('a folder that is missing or has nothing to upload is refused with what was expected', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hanglab-documents-'));
  try {
    expect(() => loadCorpus(join(folder, 'none'), random(1))).toThrow('there is no such folder');
    writeFileSync(join(folder, 'picture.png'), 'x');
    writeFileSync(join(folder, 'empty.md'), '  \n');
    expect(() => loadCorpus(folder, random(1))).toThrow('expected at least one .md');
    writeFileSync(join(folder, 'small.md'), '# Small\n\nA document of one line.\n');
    expect(loadCorpus(folder, random(1)).input(1, { bytes: 10_000 }).document).toContain(
      'A document of one line.',
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
