/**
 * Which files are open, and how often: a file that is open many times by its path, and many files with
 * names of one kind by their folder and what the names have in common. Pure.
 */
import { openFileName, shortened } from '../../wording/text.ts';

export interface OpenFiles {
  /** A path, or what the paths have in common with `*` for the rest. */
  name: string;
  /** How many different files, and how many descriptors they take. */
  files: number;
  count: number;
  /** How many they took at rest before the load, as far as that is known. */
  before: number;
}

/** Fewer files than this are shown one by one. */
const MANY_FILES = 4;
const MAX_NAME_CHARACTERS = 100;

/** What the paths of one kind share, the narrowest first: numbers apart; names apart; folders apart. */
const KINDS: ((path: string) => string)[] = [
  (path) => path.replace(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|\b[\da-f]{8,}\b|\d+/gi, '*'),
  (path) => `${folderOf(path)}/*${endingOf(path)}`,
  (path) => `${folderOf(folderOf(path))}/*/${path.slice(path.lastIndexOf('/') + 1)}`,
];

/**
 * Open files, those that have grown most first.
 * @param byPath descriptors by path, as `readFds` gives them.
 * @param workingDirectory of the process: paths are shown relative to it.
 * @param beforeByPath the same at rest before the load; a path that it does not have counts as new.
 */
export function openFiles(
  byPath: Readonly<Record<string, number>>,
  workingDirectory: string,
  beforeByPath: Readonly<Record<string, number>> = {},
): OpenFiles[] {
  let rest = Object.keys(byPath);
  const found: OpenFiles[] = [];
  const take = (name: string, paths: readonly string[]): void => {
    const sumOf = (counts: Readonly<Record<string, number>>) =>
      paths.reduce((sum, path) => sum + (counts[path] ?? 0), 0);
    found.push({
      name: shortened(openFileName(name, workingDirectory), MAX_NAME_CHARACTERS),
      files: paths.length,
      count: sumOf(byPath),
      before: sumOf(beforeByPath),
    });
  };
  for (const kindOf of KINDS) {
    const kinds = [...Map.groupBy(rest, kindOf).values()];
    rest = kinds.filter(({ length }) => length < MANY_FILES).flat();
    for (const paths of kinds) if (paths.length >= MANY_FILES) take(commonName(paths), paths);
  }
  for (const path of rest) take(path, [path]);
  return found.sort(
    (a, b) => b.count - b.before - (a.count - a.before) || a.name.localeCompare(b.name),
  );
}

/** ``sessions/a.jsonl` open 18 times (2 before)``, ``40 files `uploads/part-*.tmp` open 40 times``. */
export function openFilesText({ name, files, count, before }: OpenFiles): string {
  const times = `${count === 1 ? 'open once' : `open ${count} times`}${before > 0 ? ` (${before} before)` : ''}`;
  return files === 1 ? `\`${name}\` ${times}` : `${files} files \`${name}\` ${times}`;
}

/** What all of them begin and end with, and `*` between. */
function commonName([first = '', ...others]: readonly string[]): string {
  const shortest = Math.min(first.length, ...others.map(({ length }) => length));
  const allHave = (at: number) => others.every((other) => other.at(at) === first.at(at));
  let head = 0;
  while (head < shortest && allHave(head)) head++;
  let tail = 0;
  while (tail < shortest - head && allHave(-1 - tail)) tail++;
  return `${first.slice(0, head)}*${first.slice(first.length - tail)}`;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** `.jsonl`, or `.tmp (deleted)` of a file that is gone from its folder. */
function endingOf(path: string): string {
  return /\.[^./\s]+(?: \(deleted\))?$/.exec(path)?.[0] ?? '';
}
