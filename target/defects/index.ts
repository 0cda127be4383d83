/**
 * The defects, one file each, in one folder per report. The file's name is the defect's name, so a new
 * defect needs only a file.
 */
import { readdirSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import { didYouMean, HanglabError } from '../../harness/platform/errors.ts';
import type { Defect } from './defect.ts';

/** `.ts` in a checkout, `.js` in an installed package. */
const EXTENSION = extname(import.meta.url);

/** The names of all defects, sorted. */
export function defectNames(): string[] {
  return [...defectFiles().keys()].sort();
}

/** The file of each defect, relative to this folder. */
function defectFiles(): Map<string, string> {
  const files = readdirSync(new URL('.', import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(EXTENSION) && !/\.(test|d)\.[jt]s$/.test(file))
    .filter((file) => dirname(file) !== '.');
  return new Map(files.map((file) => [basename(file, EXTENSION), file]));
}

/** @throws HanglabError `no-such-defect`, with the nearest name */
export async function loadDefect(name: string): Promise<Defect> {
  const names = defectNames();
  const file = defectFiles().get(name);
  if (file === undefined) {
    throw new HanglabError(
      'no-such-defect',
      `there is no defect "${name}".${didYouMean(name, names)} There are: ${names.join(', ')}`,
    );
  }
  const module: { default: Defect } = await import(new URL(file, import.meta.url).href);
  return module.default;
}
