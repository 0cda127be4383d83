import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fillSchema } from '../llm/answers/schema/fill.ts';
import { random } from '../platform/random.ts';
import { loadCorpus } from './documents.ts';

test('the bundled guides are enough for real documents of the reported sizes', () => {
  const corpus = loadCorpus(null, random(1));
  expect(corpus.sources).toBeGreaterThan(10);
  for (const bytes of [10_000, 20_000, 80_000]) {
    const { text } = corpus.document(3, bytes);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(bytes);
    expect(Buffer.byteLength(text)).toBeGreaterThan(bytes / 2);
  }
});

test('the same seed gives the same documents, another seed others', () => {
  const first = loadCorpus(null, random(7)).document(5, 10_000);
  expect(loadCorpus(null, random(7)).document(5, 10_000)).toEqual(first);
  expect(loadCorpus(null, random(8)).document(5, 10_000).text).not.toBe(first.text);
});

test('each document has a sentence of its own, within its text', () => {
  const corpus = loadCorpus(null, random(1));
  const documents = Array.from({ length: 50 }, (_, i) => corpus.document(i, 10_000));
  expect(new Set(documents.map(({ ownSentence }) => ownSentence)).size).toBe(50);
  for (const { text, ownSentence } of documents) expect(text).toContain(ownSentence);
});

test('the scripted model takes up that sentence, so that it can be searched for', () => {
  const string = { type: 'string' };
  const part = { type: 'object', properties: { title: string, text: string } };
  const schema = { type: 'object', properties: { parts: { type: 'array', items: part } } };
  for (let seed = 1; seed <= 20; seed++) {
    const corpus = loadCorpus(null, random(seed));
    for (let i = 0; i < 40; i++) {
      const { text, ownSentence } = corpus.document(i, 10_000 + i * 250);
      const answer = fillSchema(schema, { text, question: '', context: text }, seed);
      expect(JSON.stringify(answer)).toContain(ownSentence);
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
    expect(loadCorpus(folder, random(1)).document(1, 10_000).text).toContain(
      'A document of one line.',
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
