/**
 * A few lines of source around the places of a diagnosis.
 *
 * The diagnosed process names its own files, and hanglab may run as root: only regular files with the ending
 * of source code are read that lie below the working directory once all links are followed, and as root
 * only those that everybody may read.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { extname, resolve, sep } from 'node:path';
import type { Diagnosis, Frame } from '../../diagnosis/diagnosis.ts';
import { redact } from '../../platform/redact.ts';
import type { Excerpt } from '../page/page-data.ts';

const SOURCE = new Set(
  '.ts .mts .cts .tsx .js .mjs .cjs .jsx .py .go .java .kt .scala .rb .rs .cs .ex .php'.split(' '),
);
const AROUND = 3;
const MAX_EXCERPTS = 8;
/** A bundle in one file is no source that a person reads. */
const MAX_BYTES = 2_000_000;
const MAX_LINE = 240;

/** One excerpt for each place, the most important first; places whose source cannot be read are left out. */
export function excerptsOf(diagnosis: Diagnosis, root = process.cwd()): Excerpt[] {
  const excerpts: Excerpt[] = [];
  for (const frame of placesOf(diagnosis)) {
    if (excerpts.length >= MAX_EXCERPTS) break;
    const shown = excerpts.some(({ file, line }) => file === frame.file && line === frame.line);
    const excerpt = shown ? null : excerptAt(frame, root);
    if (excerpt) excerpts.push(excerpt);
  }
  return excerpts;
}

/** Where work stands still, who holds what it waits for, and by which calls it got there. */
function placesOf({ where, holder }: Diagnosis): Frame[] {
  return [
    ...where.slice(0, MAX_EXCERPTS),
    ...(holder?.where ? [holder.where] : []),
    ...where.slice(0, 2).flatMap(({ chain }) => chain.toReversed()),
  ];
}

/** @param around how many lines before and after. */
export function excerptAt(
  { function: name, file, line, column }: Omit<Frame, 'isBegin'>,
  root = process.cwd(),
  around = AROUND,
): Excerpt | null {
  const text = sourceOf(file, root);
  if (text === null || line < 1) return null;
  const all = text.split(/\r?\n/);
  if (line > all.length) return null;
  const firstLine = Math.max(1, line - around);
  const lines = all.slice(firstLine - 1, line + around).map(shownLine);
  const marked = lines[line - firstLine] as string;
  const shownColumn = columnIn(all[line - 1] as string, marked, column);
  return { function: name, file, line, firstLine, lines, column: shownColumn };
}

/** Secrets and control characters are not shown; indentation is kept. */
function shownLine(line: string): string {
  const [indent = ''] = /^\s*/.exec(line) ?? [];
  const shown = redact(line.slice(indent.length));
  const cut = shown.length > MAX_LINE ? `${shown.slice(0, MAX_LINE)}…` : shown;
  return `${indent.replaceAll('\t', '  ')}${cut}`;
}

/** Where `column` of the source's line stands in the line as it is shown; 0 where what is before it differs. */
function columnIn(raw: string, shown: string, column: number): number {
  if (column < 1 || column > raw.length) return 0;
  const before = raw.slice(0, column - 1).replaceAll('\t', '  ');
  return shown.startsWith(before) ? before.length + 1 : 0;
}

function sourceOf(file: string, root: string): string | null {
  if (!SOURCE.has(extname(file))) return null;
  try {
    const path = realpathSync(resolve(root, file));
    const inside = realpathSync(root);
    if (inside === sep || !path.startsWith(inside + sep) || !SOURCE.has(extname(path))) return null;
    return readBounded(path);
  } catch {
    // Not there, or not to be read: the diagnosis names the place all the same.
    return null;
  }
}

function readBounded(path: string): string | null {
  const descriptor = openSync(
    path,
    constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW,
  );
  try {
    const stat = fstatSync(descriptor);
    const isOpen = process.getuid?.() !== 0 || (stat.mode & 0o004) !== 0;
    if (!stat.isFile() || stat.size > MAX_BYTES || !isOpen) return null;
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}
