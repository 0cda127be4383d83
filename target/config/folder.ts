/** Makes a folder and those above it. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Unlike Node's `recursive` (which tries for ever where no folder can be, as in /proc) it fails. */
export async function ensureFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || existsSync(dirname(path))) throw error;
    await ensureFolder(dirname(path));
    await ensureFolder(path);
  }
}
