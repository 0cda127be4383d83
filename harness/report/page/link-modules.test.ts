import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, test } from 'vitest';
import { linkModules } from './link-modules.ts';

const folder = mkdtempSync(join(tmpdir(), 'link-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function link(files: Record<string, string>): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return linkModules(pathToFileURL(join(folder, 'main.ts')));
}

test('modules become one script: types go, names that are the same in two do not clash', () => {
  const script = link({
    'main.ts': `import { double as twice, type Size } from './a.ts';
      import { text } from './b.ts';
      const HIDDEN = 4; // a comment
      const size: Size = HIDDEN;
      result.push(twice(size), text, \`  two   blanks\`);`,
    'a.ts': `import { ONE } from './b.ts';
      export type Size = number;
      const HIDDEN = 2;
      export function double(x: number): number { return x * HIDDEN * ONE; }`,
    'b.ts': `export const ONE = 1, text = 'b';`,
  });
  const result: unknown[] = [];
  runInNewContext(script, { result });
  expect(result).toEqual([8, 'b', '  two   blanks']);
  expect(script).not.toContain('a comment');
});

test.each([
  ['a package', `import { x } from 'uplot';`, 'the package uplot'],
  ['a default import', `import x from './b.ts';`, `"import x from './b.ts';"`],
  ['a variable that may change', `export let x = 1;`, '"export let"'],
  ['a default export', `export default 1;`, '"export default 1;"'],
  ['a module that imports itself', `import { y } from './main.ts'; export const x = y;`, ''],
])('%s is refused, with the file', (_what, text, said) => {
  const linked = (): string => link({ 'main.ts': text, 'b.ts': 'export const x = 1;' });
  expect(linked).toThrow(join(folder, 'main.ts'));
  expect(linked).toThrow(said);
});
