/** Progress by how many files there are: each count is of those that fit a pattern. */
import { glob } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { FilesProgressConfig } from '../config/config.ts';
import { fill } from '../config/template.ts';
import { type ProgressSource, progressOf } from './source.ts';

/** @param folder of the config: a relative pattern begins there. */
export function filesProgress({ files }: FilesProgressConfig, folder: string): ProgressSource {
  return {
    name: `files like ${files.done}`,
    read: ({ folder: runFolder }) =>
      progressOf(files, (pattern) =>
        countFiles(resolve(folder, fill(pattern, { tmp: runFolder ?? '' }))),
      ),
  };
}

async function countFiles(pattern: string): Promise<number> {
  let count = 0;
  for await (const entry of glob(pattern, { withFileTypes: true })) if (entry.isFile()) count++;
  return count;
}
