/** The defects, one file each: the file's name is the defect's. A new file is all a new one needs. */
import { readdirSync } from 'node:fs';
import { extname } from 'node:path';
import { didYouMean, HanglabError } from '../../harness/errors.ts';
import type { Defect } from './defect.ts';

/** `.ts` in a checkout, `.js` in an installed package. */
const EXTENSION = extname(import.meta.url);
const NOT_DEFECTS = new Set(['index', 'defect']);

/** The names of all defects, sorted. */
export function defectNames(): string[] {
  return readdirSync(new URL('.', import.meta.url))
    .filter((file) => file.endsWith(EXTENSION) && !/\.(test|d)\.[jt]s$/.test(file))
    .map((file) => file.slice(0, -EXTENSION.length))
    .filter((name) => !NOT_DEFECTS.has(name))
    .sort();
}

/** @throws HanglabError `no-such-defect`, with the nearest name */
export async function loadDefect(name: string): Promise<Defect> {
  const names = defectNames();
  if (!names.includes(name)) {
    throw new HanglabError(
      'no-such-defect',
      `there is no defect "${name}".${didYouMean(name, names)} There are: ${names.join(', ')}`,
    );
  }
  const module: { default: Defect } = await import(new URL(name + EXTENSION, import.meta.url).href);
  return module.default;
}
