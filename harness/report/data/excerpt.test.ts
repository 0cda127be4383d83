import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { excerptAt } from './excerpt.ts';

const base = mkdtempSync(join(tmpdir(), 'excerpt-'));
const root = join(base, 'project');
mkdirSync(root);
afterAll(() => rmSync(base, { recursive: true, force: true }));

const source = ['one', 'two', '\tthree', 'const apiKey = "abc123";', 'five', 'six'].join('\n');
writeFileSync(join(root, 'a.ts'), source);
writeFileSync(join(base, 'outside.ts'), source);
writeFileSync(join(root, 'shadow'), source);
symlinkSync('../outside.ts', join(root, 'link.ts'));
symlinkSync('shadow', join(root, 'disguised.ts'));

const at = (file: string, line = 3, column = 0): ReturnType<typeof excerptAt> =>
  excerptAt({ function: 'f', file, line, column }, root, 1);

test('the lines around a place, with their numbers', () => {
  expect(at('a.ts')).toEqual({
    ...{ function: 'f', file: 'a.ts', line: 3, firstLine: 2, column: 0 },
    lines: ['two', '  three', 'const apiKey = (not shown);'],
  });
  expect(at('a.ts', 1)).toMatchObject({ firstLine: 1, lines: ['one', 'two'] });
});

test('the column is that of the line as it is shown', () => {
  expect(at('a.ts', 3, 2)?.column).toBe(3);
  expect(at('a.ts', 2, 3)?.column).toBe(3);
  // Before it, a secret was left out.
  expect(at('a.ts', 4, 22)?.column).toBe(0);
  expect(at('a.ts', 2, 900)?.column).toBe(0);
});

test.each([
  ['a file above the project', '../outside.ts'],
  ['an absolute path elsewhere', '/etc/passwd'],
  ['a link that leads out of the project', 'link.ts'],
  ['a link to what is no source', 'disguised.ts'],
  ['what is no source', 'shadow'],
  ['a folder', '.'],
  ['what is not there', 'missing.ts'],
])('the process cannot have %s shown', (_what, file) => {
  expect(at(file)).toBeNull();
});

test('a line beyond the end of the file has no excerpt', () => {
  expect(at('a.ts', 7)).toBeNull();
  expect(at('a.ts', 0)).toBeNull();
});

test.runIf(process.getuid?.() === 0)(
  'as root, a file that not everybody may read is not shown',
  () => {
    chmodSync(join(root, 'a.ts'), 0o600);
    expect(at('a.ts')).toBeNull();
    chmodSync(join(root, 'a.ts'), 0o644);
    expect(at('a.ts')).not.toBeNull();
  },
);
