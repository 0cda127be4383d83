/** The variables that a server finds set: those of hanglab's own environment, and those of its `.env` file. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/** Servers that read `.env` in their folder take from it what their environment does not set. */
export function inheritedVariables(folder: string): Record<string, string | undefined> {
  return { ...dotEnv(join(folder, '.env')), ...process.env };
}

function dotEnv(file: string): Record<string, string | undefined> {
  if (!existsSync(file)) return {};
  try {
    return parseEnv(readFileSync(file, 'utf8'));
  } catch {
    // A folder, or one that may not be read: then the server does not read it either.
    return {};
  }
}
