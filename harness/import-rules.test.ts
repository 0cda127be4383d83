/**
 * Who may import whom: the data flow, held by a test. A folder imports only from those before it in the list;
 * no two files import each other, however far around.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

/** From what everybody stands on to what nobody imports. */
const ORDER = [
  'platform',
  'diagnosis',
  'history',
  'target',
  'http-upstream',
  'links',
  'llm',
  'reaper',
  'requests',
  'environment',
  'checks',
  'probes',
  'load',
  'faults',
  'scenario',
  'run',
  'matrix',
  'report',
  'compare',
  'soak',
  'watch',
  'profiler',
  'cli',
];
/** What is outside of the flow: the public face, tests, measurements. */
const FREE = new Set(['index.ts', 'testing', 'bench']);

interface Import {
  from: string;
  to: string;
}

const files = ['harness', 'scenarios', 'target']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
      join(folder, file),
    ),
  )
  .filter((file) => file.endsWith('.ts') && !/\.test(-helper)?\.ts$|\.fixture\.ts$/.test(file))
  .filter((file) => !/\/(fixtures|conformance|testing|bench)\//.test(file));

const imports: Import[] = files.flatMap((from) => {
  const text = readFileSync(join(ROOT, from), 'utf8');
  const found = text.matchAll(/^(?:import|export)\b[^;'"]*?from '(\.[^']+)'/gm);
  return [...found].map(([, path = '']) => ({
    from,
    to: relative(ROOT, resolve(ROOT, dirname(from), path)),
  }));
});

const folderOf = (file: string): string => file.split('/')[1] ?? '';

describe('harness', () => {
  const own = imports.filter(
    ({ from, to }) => from.startsWith('harness/') && to.startsWith('harness/'),
  );

  test('every folder has its place in the flow', () => {
    const folders = new Set(own.map(({ from }) => folderOf(from)));
    expect([...folders].filter((folder) => !FREE.has(folder) && !ORDER.includes(folder))).toEqual(
      [],
    );
  });

  test('nothing imports against the flow', () => {
    const against = own.filter(({ from, to }) => {
      const [importer, imported] = [folderOf(from), folderOf(to)];
      if (FREE.has(importer) || FREE.has(imported)) return false;
      return ORDER.indexOf(imported) > ORDER.indexOf(importer);
    });
    expect(against.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test('checks know the history and what a target offers, and nothing that does anything', () => {
    const allowed = /^harness\/(checks|history\/(events|history)|platform|target\/needs)\b/;
    const wrong = own.filter(
      ({ from, to }) => from.startsWith('harness/checks/') && !allowed.test(to),
    );
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test('only the command line ends the process', () => {
    const ends = files.filter(
      (file) =>
        file.startsWith('harness/') &&
        !/^harness\/(cli|reaper\/reaper-process|llm\/process|links\/embedded\/worker|profiler\/write-before-exit)/.test(
          file,
        ) &&
        /\bprocess\.exit\(/.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(ends).toEqual([]);
  });

  test('nothing knows the bundled server', () => {
    const knows = imports.filter(
      ({ from, to }) => /^(harness|scenarios)\//.test(from) && to.startsWith('target/'),
    );
    expect(knows).toEqual([]);
    const names = files
      .filter((file) => /^(harness|scenarios)\//.test(file) && !file.startsWith('harness/llm/'))
      .filter((file) =>
        /\b(knowledge|cascade|topics?)\b/i.test(readFileSync(join(ROOT, file), 'utf8')),
      );
    expect(names).toEqual([]);
  });
});

test('no files import each other in a circle', () => {
  const to = Map.groupBy(imports, ({ from }) => from);
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) circles.push([...path.slice(at), file].join(' -> '));
    if (at >= 0 || done.has(file)) return;
    for (const { to: next } of to.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});

test('no folder has more than twenty source files', () => {
  const counts = Map.groupBy(files, dirname);
  const crowded = [...counts].filter(([, inside]) => inside.length > 20);
  expect(crowded.map(([folder, inside]) => `${folder}: ${inside.length}`)).toEqual([]);
});
