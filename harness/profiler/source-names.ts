/**
 * Clinic tells a server's own functions by the ending `.js` of an absolute path. Those of TypeScript files
 * it takes for parts of V8, and of ES modules, whose names are URLs, for parts of Node: it hides the ones,
 * and blames Node for the others. So for clinic the files bear names that it understands, and the page has
 * their own again.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Tool } from './tools.ts';

/** At the end of a name in clinic's JSON, or before the line. */
const TYPESCRIPT = /(\.[cm]?ts)(?=[:"])/g;
const DISGUISED = /(\.[cm]?ts)\.js\b/g;

/** Renames the sources in what `tool` has collected at `path`. */
export async function toClinicsNames(tool: Tool, path: string): Promise<void> {
  for (const file of filesWithNames(tool, path)) {
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replaceAll('file:///', '/').replaceAll(TYPESCRIPT, '$1.js'));
  }
}

export function toOurNames(page: string): string {
  return page.replaceAll(DISGUISED, '$1');
}

/** Doctor names no functions, and bubbleprof judges by folders. */
function filesWithNames(tool: Tool, path: string): string[] {
  if (tool === 'heapprofiler') return [path];
  if (tool !== 'flame') return [];
  return ['samples', 'inlinedfunctions'].map((part) => join(path, `${basename(path)}-${part}`));
}
