/** What is said when there is no clinic, or nothing that it could draw. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startReaper } from '../reaper/reaper.ts';
import { clinicScript } from './clinic.ts';
import type { Collected } from './launcher.ts';
import { drawPage } from './page.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'profiler-page-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function draw(collected: Collected | null): Promise<string> {
  await using reaper = startReaper();
  const { signal } = new AbortController();
  return await drawPage({ tool: 'heapprofiler', collected, reportFolder: folder, reaper, signal });
}

test('without clinic, what to install', () => {
  const elsewhere = pathToFileURL(join(folder, 'module.js')).href;
  expect(() => clinicScript(elsewhere)).toThrow(
    expect.objectContaining({
      ...{ code: 'no-clinic', exitCode: 4 },
      message: expect.stringContaining('npm install --save-dev clinic@13'),
    }),
  );
});

test('when clinic has collected nothing, where that is told', async () => {
  await expect(draw(null)).rejects.toMatchObject({
    ...{ code: 'profile-failed', exitCode: 4 },
    message: expect.stringContaining('target.log'),
  });
});

test("when clinic cannot draw what it has, clinic's own words", async () => {
  const path = join(folder, 'profile.clinic-heapprofiler');
  writeFileSync(path, '{"head": ');
  await expect(draw({ path, folder, flaw: '' })).rejects.toMatchObject({
    ...{ code: 'profile-failed', exitCode: 4 },
    message: expect.stringMatching(/its last words: .*SyntaxError: [^\n]*$/s),
  });
  await expect(draw({ path, folder, flaw: 'it was killed' })).rejects.toMatchObject({
    message: 'clinic heapprofiler made no page of this run: it was killed',
  });
  expect(readdirSync(folder)).not.toContain('profile-heapprofiler.html');
});
