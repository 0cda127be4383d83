/**
 * What requests are made of: real Markdown, cut to the size that a load wants, with a sentence of its own in
 * each. From `--documents DIR`, else hanglab's own docs and the guides that ship with the installed
 * dependencies.
 */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HanglabError } from '../platform/errors.ts';
import type { Random } from '../platform/random.ts';
import { FAULT_MARKER, type Input, tagOf, titleOf } from '../target/operations/input.ts';

export interface InputOptions {
  /** How long its document is (UTF-8), cut at a line; 0 for what needs none. */
  bytes: number;
  /** For a fault that is for some inputs only. */
  marked?: boolean;
}

export interface Inputs {
  /** How many texts the documents are made of. */
  readonly sources: number;
  /** The number of the next input: every one of a run is different. */
  nextIndex(): number;
  /** The `index`-th input, always the same for the same seed. */
  input(index: number, options: InputOptions): Input;
}

const MIN_SOURCE_BYTES = 2_000;
/** What a short text says besides its sentence. */
const FILLER = 'How is a request cancelled when its client has gone away?';
const MAX_SOURCES = 400;
const SYLLABLES = [
  'ba',
  'do',
  'fe',
  'gu',
  'ka',
  'lo',
  'mi',
  'nu',
  'pa',
  're',
  'si',
  'tu',
  'va',
  'zo',
];

/**
 * @throws HanglabError `documents-missing` or `documents-empty` for a folder that is not there or holds
 * no Markdown or text worth uploading.
 */
export function loadCorpus(folder: string | null, random: Random): Inputs {
  const texts = folder === null ? bundledTexts() : textsOf(folder);
  const order = texts.map((text) => ({ text, key: random.next() })).sort((a, b) => a.key - b.key);
  let lastIndex = 0;
  return {
    sources: texts.length,
    nextIndex: () => ++lastIndex,
    input(index, { bytes, marked = false }) {
      const draw = random.fork(`document ${index}`);
      // Made-up words: among many documents nothing else is near to this sentence.
      const word = (): string => Array.from({ length: 4 }, () => draw.pick(SYLLABLES)).join('');
      const mark = marked ? `, an ${FAULT_MARKER}` : '';
      const sentence = `The ${word()} of ${word()} is kept with ${word()} ${word()} ${tagOf(index)} in ${word()}${mark}.`;
      const title = titleOf(index);
      // A section of its own: whatever the guide looks like, a reader does not pass over it.
      const head = `# ${title}\n\n${sentence}\n\n## Contents\n\n`;
      let body = '';
      for (let i = index; Buffer.byteLength(body) < bytes; i++) {
        body += `${order[i % order.length]?.text ?? ''}\n\n`;
      }
      const document = bytes === 0 ? head : cut(head + body, bytes);
      return { index, title, sentence, document, text: `${sentence} ${FILLER}`, id: null };
    },
  };
}

function cut(text: string, bytes: number): string {
  const raw = Buffer.from(text).subarray(0, bytes).toString('utf8');
  const lineEnd = raw.lastIndexOf('\n');
  return lineEnd > bytes / 2 ? raw.slice(0, lineEnd + 1) : raw;
}

function textsOf(folder: string): string[] {
  const path = resolve(folder);
  let isFolder = false;
  try {
    isFolder = statSync(path).isDirectory();
  } catch {
    // said below
  }
  if (!isFolder) {
    throw new HanglabError('documents-missing', `--documents ${folder}: there is no such folder`);
  }
  const texts = readAll(
    globSync('**/*.{md,markdown,txt}', { cwd: path }).map((p) => join(path, p)),
    1,
  );
  if (texts.length === 0) {
    const expected = 'expected at least one .md, .markdown or .txt file with text in it';
    throw new HanglabError(
      'documents-empty',
      `--documents ${folder}: nothing to upload; ${expected}`,
    );
  }
  return texts;
}

/**
 * Guides are found wherever the dependencies lie: in a checkout beside us; installed, in the folder
 * that we lie in ourselves.
 */
function bundledTexts(): string[] {
  const root = packageRoot();
  const shipped = ['{fastify,undici}/docs/**/*.md', '@fastify/*/README.md'];
  const roots = [join(root, 'node_modules'), join(root, '..')].filter(
    (folder) => basename(folder) === 'node_modules' && existsSync(folder),
  );
  const guides = roots.flatMap((cwd) => globSync(shipped, { cwd }).map((path) => join(cwd, path)));
  const own = globSync('*.md', { cwd: root }).map((path) => join(root, path));
  return readAll([...own, ...guides], MIN_SOURCE_BYTES);
}

/** Up from here to the folder with package.json: two levels in a checkout, three in the built package. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  return folder;
}

function readAll(paths: string[], minBytes: number): string[] {
  return paths
    .sort()
    .slice(0, MAX_SOURCES)
    .map((path) => readFileSync(path, 'utf8').trim())
    .filter((text) => text.length >= minBytes);
}
