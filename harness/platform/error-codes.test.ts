import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const sources = globSync('{harness,target}/**/*.ts')
  .filter((file) => !/\.(test|test-helper|fixture)\.ts$/.test(file))
  .map((file) => readFileSync(file, 'utf8'));
const listed = tableCodes(readFileSync('docs/errors.md', 'utf8'));

test('docs/errors.md lists every code that an error is made with', () => {
  const made = sources.flatMap((text) =>
    [...text.matchAll(/HanglabError\(\s*'([a-z]+(?:-[a-z]+)+)'/g)].map(([, code]) => code),
  );
  expect(made.length).toBeGreaterThan(40);
  expect([...new Set(made)].filter((code) => !listed.includes(code ?? ''))).toEqual([]);
});

test('every code that docs/errors.md lists exists', () => {
  const all = sources.join('\n');
  expect(listed.filter((code) => !new RegExp(`['(]${code}['),]`).test(all))).toEqual([]);
});

/** The codes in the first column of each table. */
function tableCodes(markdown: string): string[] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)])
    .map(([, code]) => code ?? '');
}
