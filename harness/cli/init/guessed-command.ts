/** What starts the server of a folder, as far as its files say: `npm start`, the `web` line of a Procfile. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export function guessedCommand(folder: string): string | null {
  const start = startScript(read(join(folder, 'package.json')));
  if (start) return 'npm start';
  const [, web] = /^web:\s*(.+)$/m.exec(read(join(folder, 'Procfile'))) ?? [];
  return web === undefined ? null : web.trim().replaceAll(/\$\{?PORT\}?/g, '${port}');
}

function startScript(text: string): boolean {
  try {
    return typeof JSON.parse(text).scripts?.start === 'string';
  } catch {
    return false;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
