/** Writes `report.html` and `trace.json` into the folder of a run, from what is in it, and the page of a suite. */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readVerdict } from './data/run-folder.ts';
import { runPage } from './data/run-page.ts';
import { type SuitePart, suitePage } from './data/suite-page.ts';
import { pageHtml } from './page/html.ts';
import type { PageData } from './page/page-data.ts';
import { openTrace } from './trace/write-trace.ts';

/** The history is read once for both. @throws when it cannot be read, or a file cannot be written. */
export async function writeRunPages(folder: string): Promise<void> {
  await using trace = openTrace(join(folder, 'trace.json'));
  const page = await runPage(folder, (event) => trace.write(event));
  await trace.end(readVerdict(folder)?.failedAtMs ?? {});
  await writePage(join(folder, 'report.html'), page);
}

/** @param out the folder of the page. */
export async function writeSuitePage(
  out: string,
  parts: readonly SuitePart[],
  notes: readonly string[] = [],
): Promise<void> {
  await writePage(join(out, 'report.html'), await suitePage(out, parts, notes));
}

/** Replaced in one step: whoever reloads it never sees half a page. */
export async function writePage(file: string, page: PageData): Promise<void> {
  const unfinished = `${file}.part`;
  writeFileSync(unfinished, await pageHtml(page), { mode: 0o600 });
  renameSync(unfinished, file);
}
