/** The files of a server's source: those near the folder that it runs in, few and small. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative } from 'node:path';

export interface SourceFile {
  /** Relative to the folder. */
  path: string;
  /** `.ts` */
  extension: string;
  text: string;
}

const MAX_FILES = 300;
const MAX_FOLDERS = 200;
const MAX_BYTES = 300_000;
const MAX_DEPTH = 5;
const EXTENSIONS = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.py', '.go']);
/** Folders of what others wrote, of what was built, and of tests. */
const NOT_SOURCE =
  /^(\..*|node_modules|vendor|venv|env|site-packages|__pycache__|dist|build|out|target|coverage|tests?|__tests__|testdata|migrations|reports|static|public)$/i;
const NO_SERVER =
  /(\.|_|-)(test|spec)\.\w+$|^test_|\.d\.[cm]?ts$|\.min\.js$|\.config\.[cm]?[jt]s$/i;

/** Breadth first: the files next to the folder come first. Links are not followed. */
export function sourceFiles(folder: string): SourceFile[] {
  const files: SourceFile[] = [];
  let folders = [folder];
  let seen = 0;
  for (let depth = 0; depth < MAX_DEPTH && folders.length > 0; depth++) {
    const below: string[] = [];
    for (const each of folders) {
      if (++seen > MAX_FOLDERS) return files;
      for (const entry of entriesOf(each)) {
        const path = join(each, entry.name);
        if (entry.isDirectory() && !NOT_SOURCE.test(entry.name)) below.push(path);
        if (!entry.isFile() || NO_SERVER.test(entry.name)) continue;
        const extension = extname(entry.name);
        const text = EXTENSIONS.has(extension) ? textOf(path) : null;
        if (text !== null) files.push({ path: relative(folder, path), extension, text });
        if (files.length >= MAX_FILES) return files;
      }
    }
    folders = below;
  }
  return files;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    );
  } catch {
    // It may not be read.
    return [];
  }
}

function textOf(path: string): string | null {
  try {
    return statSync(path).size > MAX_BYTES ? null : readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
