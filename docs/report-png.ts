/**
 * The pictures of docs/report.md, from the recorded run of the tests, by a real Chromium:
 * `node docs/report-png.ts`.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { recordedRun } from '../harness/report/made-run.test-helper.ts';
import { openPage, startChromium } from '../harness/report/page/browser/chromium.test-helper.ts';
import { writeRunPages } from '../harness/report/write-pages.ts';

const folder = recordedRun();
const browser = await startChromium();
try {
  await writeRunPages(folder);
  const url = pathToFileURL(join(folder, 'report.html')).href;
  for (const colorScheme of ['light', 'dark'] as const) {
    await using opened = await openPage(browser, url, { colorScheme, height: 1180 });
    const path = fileURLToPath(new URL(`report-${colorScheme}.png`, import.meta.url));
    await opened.page.screenshot({ path, animations: 'disabled' });
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
