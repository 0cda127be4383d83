/** Clinic's page: made of what it has collected, and put beside the report of the run. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, HanglabError } from '../platform/errors.ts';
import type { Reaper } from '../reaper/reaper.ts';
import { runClinic } from './clinic.ts';
import type { Collected } from './launcher.ts';
import { toClinicsNames, toOurNames } from './source-names.ts';
import type { Tool } from './tools.ts';

/** A second of a busy server gives bubbleprof 5 MB to draw from. */
const DRAW_LIMIT_MS = 300_000;
/** Drawn in a process of its own, flame's page says that the run took no time. */
const ELAPSED = /\s*Elapsed Time: <strong>0s<\/strong>/;

export interface PageOptions {
  tool: Tool;
  collected: Collected | null;
  reportFolder: string;
  reaper: Reaper;
  signal: AbortSignal;
}

/**
 * Returns the path of the page.
 * @throws HanglabError `profile-failed` when clinic has collected nothing, or cannot draw what it has.
 */
export async function drawPage(options: PageOptions): Promise<string> {
  const { tool, collected, reportFolder, reaper, signal } = options;
  if (!collected)
    throw failed(tool, `it left nothing; ${join(reportFolder, 'target.log')} says why`);
  const { path, folder, flaw } = collected;
  const limit = AbortSignal.timeout(DRAW_LIMIT_MS);
  await toClinicsNames(tool, path);
  const { code, lastWords } = await runClinic([tool, '--visualize-only', path], {
    ...{ folder, reaper },
    signal: AbortSignal.any([signal, limit]),
  });
  signal.throwIfAborted();
  if (limit.aborted) throw failed(tool, `it took more than ${DRAW_LIMIT_MS / 60_000} min to draw`);
  const drawn = `${path}.html`;
  if (code !== 0 || !existsSync(drawn)) throw failed(tool, flaw || `its last words: ${lastWords}`);
  const page = join(reportFolder, `profile-${tool}.html`);
  await writeFile(page, toOurNames(await readFile(drawn, 'utf8')).replace(ELAPSED, ''));
  return page;
}

function failed(tool: Tool, why: string): HanglabError {
  return new HanglabError('profile-failed', `clinic ${tool} made no page of this run: ${why}`, {
    exitCode: EXIT.cannotRunHere,
  });
}
