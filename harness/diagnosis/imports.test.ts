/** What may import what inside the diagnosis: facts flow from gathering to rules to words, and never back. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('.', import.meta.url));
const PLATFORM = fileURLToPath(new URL('../platform', import.meta.url));
/** Modules of the platform that read nothing. */
const PURE = [
  'procfs/listening.ts',
  'redact.ts',
  'display-path.ts',
  'runtime-threads.ts',
  'errors.ts',
];

interface Import {
  from: string;
  to: string;
  isType: boolean;
}

const files = sources(ROOT);
const imports = files.flatMap(importsOf);

/** Source files below a folder, relative to the diagnosis; tests and what only they use are left out. */
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'fixtures' ? [] : sources(path);
    return /(?<!\.test)\.ts$/.test(entry.name) ? [relative(ROOT, path)] : [];
  });
}

function importsOf(from: string): Import[] {
  const text = readFileSync(join(ROOT, from), 'utf8');
  const found = text.matchAll(/^(?:import|export) (type )?(?:[^'"]*? from )?'([^']+)';/gm);
  return [...found].map(([, type, to = '']) => {
    const path = to.startsWith('.') ? join(ROOT, dirname(from), to) : to;
    return { from, to: to.startsWith('.') ? relative(ROOT, path) : to, isType: type !== undefined };
  });
}

/** `outside` of `outside/observe.ts`; the file itself where it lies in no folder. */
function roomOf(path: string): string {
  return path.startsWith('..') ? path : (path.split('/')[0] as string);
}

/** What the files of a folder import that lies elsewhere in the diagnosis. */
function neighboursOf(room: string): string[] {
  const others = imports.filter(({ from, to }) => {
    const isOther = roomOf(from) === room && roomOf(to) !== room;
    return isOther && to.endsWith('.ts') && !to.startsWith('..');
  });
  return [...new Set(others.map(({ to }) => roomOf(to)))].toSorted();
}

test('there is something to hold', () => {
  expect(files.length).toBeGreaterThan(80);
  expect(imports.length).toBeGreaterThan(300);
});

describe('a folder imports only what stands before it', () => {
  test.each([
    ['outside', ['facts']],
    ['heap', ['facts']],
    ['source', ['diagnosis.ts']],
    ['wording', ['codes.ts', 'diagnosis.ts', 'facts', 'run-hints.ts']],
    ['facts', ['diagnosis.ts', 'run-hints.ts']],
    ['stack', ['facts', 'outside']],
    ['inspector', ['diagnosis.ts', 'runtime.ts', 'source']],
    ['awaits', ['diagnosis.ts', 'facts', 'heap', 'inspector', 'source', 'wait-chains.ts']],
    ['runtimes', ['diagnosis.ts', 'facts', 'outside']],
    [
      'rules',
      [
        'codes.ts',
        'diagnosis.ts',
        'facts',
        'run-hints.ts',
        'wait-chains.ts',
        'wait-cycle.ts',
        'wording',
      ],
    ],
  ])('%s', (room, allowed) => {
    expect(neighboursOf(room).filter((each) => !allowed.includes(each))).toEqual([]);
  });
});

describe('rules and words read nothing', () => {
  test.each(['rules', 'wording', 'wait-chains.ts', 'wait-cycle.ts'])('%s', (room) => {
    const read = imports.filter(({ from, to, isType }) => {
      if (roomOf(from) !== room || isType) return false;
      const isInside = to.endsWith('.ts') && !to.startsWith('..');
      return !isInside && !PURE.includes(relative(PLATFORM, join(ROOT, to)));
    });
    expect(read).toEqual([]);
  });
});

test('no file imports itself by way of others', () => {
  const next = Map.groupBy(
    imports.filter(({ to, isType }) => !isType && to.endsWith('.ts')),
    ({ from }) => from,
  );
  const seen = new Set<string>();
  const cycles: string[] = [];
  const walk = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) cycles.push([...path.slice(at), file].join(' -> '));
    if (at >= 0 || seen.has(file)) return;
    for (const { to } of next.get(file) ?? []) walk(to, [...path, file]);
    seen.add(file);
  };
  for (const file of files) walk(file, []);
  expect(cycles).toEqual([]);
});

test('no folder has more than 20 source files', () => {
  const folders = Map.groupBy(files, (file) => dirname(file));
  expect([...folders].filter(([, each]) => each.length > 20).map(([folder]) => folder)).toEqual([]);
});
