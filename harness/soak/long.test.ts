/**
 * Each leak of the small servers alone, and their twins, with the settings of the command line: more than an hour.
 * `HANGLAB_LONG=1 npx vitest run --project parts harness/soak/long.test.ts`
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { hasGo, LANGUAGES, LEAKS } from './fixtures/targets.ts';

const PROGRAM = join(import.meta.dirname, 'bench/servers.ts');
const run = promisify(execFile);

describe.skipIf(!process.env.HANGLAB_LONG)('a soak as the command line does it', () => {
  const names = LANGUAGES.filter((language) => language !== 'go' || hasGo()).flatMap((language) =>
    [...LEAKS[language], 'fixed'].map((leak) => `${language}-${leak}`),
  );
  test.each(names)('%s', { timeout: 15 * 60_000 }, async (name) => {
    // Rejects with what it has printed when the verdict is wrong.
    const { stdout } = await run(process.execPath, [PROGRAM, name]);
    expect(stdout).toMatch(/^right /);
  });
});
