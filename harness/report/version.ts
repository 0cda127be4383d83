/** The version in package.json, which lies two folders up in a checkout and three in the built package. */
import { readFileSync } from 'node:fs';

export function version(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      const text = readFileSync(new URL(path, import.meta.url), 'utf8');
      return (JSON.parse(text) as { version: string }).version;
    } catch {
      // The other one.
    }
  }
  return 'unknown';
}
