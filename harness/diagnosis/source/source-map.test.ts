import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadSourceMap, originalPlace, sourceFile } from './source-map.ts';

const project = mkdtempSync(join(tmpdir(), 'source-map-'));
afterAll(() => rmSync(project, { recursive: true, force: true }));
for (const folder of ['src', 'app', 'dist/server']) {
  mkdirSync(join(project, folder), { recursive: true });
}
for (const file of ['src/server.ts', 'app/page.tsx']) writeFileSync(join(project, file), '');
const script = join(project, 'dist/server/main.js');
const noFile = async () => null;

/** The first column of the first line is the fifth line of the source. */
const map = (source: string, sourceRoot = '') => ({
  version: 3,
  sources: [source],
  sourceRoot,
  names: [],
  mappings: 'AAIA',
});

async function placed(content: object) {
  const url = `data:application/json,${encodeURIComponent(JSON.stringify(content))}`;
  const loaded = await loadSourceMap(script, url, noFile);
  return originalPlace(loaded!, { file: script, line: 1, column: 1 });
}

describe('the source that a map names', () => {
  test.each([
    ['webpack://app/./src/server.ts', 'src/server.ts'],
    ['webpack:///./src/server.ts', 'src/server.ts'],
    ['webpack:///src/server.ts?1a2b', 'src/server.ts'],
    ['webpack-internal:///(rsc)/./app/page.tsx', 'app/page.tsx'],
    ['webpack://_N_E/./app/page.tsx', 'app/page.tsx'],
    ['turbopack:///[project]/app/page.tsx', 'app/page.tsx'],
    ['http://localhost:5173/src/server.ts', 'src/server.ts'],
    ['../../src/server.ts', 'src/server.ts'],
  ])('%s is a file of the project', async (source, file) => {
    expect(await placed(map(source))).toEqual({ file: join(project, file), line: 5, column: 1 });
  });

  test.each([
    ['/srv/app/src/server.ts', '/srv/app/src/server.ts'],
    ['file:///srv/app/src/server.ts', '/srv/app/src/server.ts'],
    ['http://localhost:5173/@fs//srv/app/server.ts', '/srv/app/server.ts'],
    ['webpack://app/./no/such/file.ts', 'no/such/file.ts'],
  ])('%s is told as it is', (source, file) => {
    expect(sourceFile(source, script)).toBe(file);
  });

  test('sourceRoot stands before it, also when it is a URL', async () => {
    expect((await placed(map('server.ts', '../../src'))).file).toBe(join(project, 'src/server.ts'));
    expect((await placed(map('server.ts', 'webpack://app/./src/'))).file).toBe(
      join(project, 'src/server.ts'),
    );
  });

  test('in a map of several sections', async () => {
    const section = { offset: { line: 0, column: 0 }, map: map('../../src/server.ts') };
    const place = await placed({ version: 3, sections: [section] });
    expect(place).toMatchObject({ file: join(project, 'src/server.ts'), line: 5 });
  });
});

describe('a map that cannot be had', () => {
  test.each([
    '',
    'https://example.com/main.js.map',
    'main.js.map',
    'data:application/json,{"version":3',
  ])('%s', async (url) => {
    expect(await loadSourceMap(script, url, noFile)).toBeNull();
  });
});

test('a map beside the script is read, and is relative to where it lies', async () => {
  const read = async (path: string) =>
    path === join(project, 'dist/maps/main.js.map')
      ? JSON.stringify(map('../../src/server.ts'))
      : null;
  const loaded = await loadSourceMap(script, '../maps/main.js.map', read);
  expect(originalPlace(loaded!, { file: script, line: 1, column: 1 }).file).toBe(
    join(project, 'src/server.ts'),
  );
});
