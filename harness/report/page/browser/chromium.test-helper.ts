/** A real Chromium for the tests of pages, where the machine has one. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** null where there is none. */
export function chromiumPath(): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return (
    [process.env.CHROMIUM ?? '', ...paths].find((path) => path !== '' && existsSync(path)) ?? null
  );
}

/** For the name of a test that is skipped. */
export const WHY_SKIPPED = 'skipped: no Chromium on this machine (apt-get install chromium)';

export async function startChromium(): Promise<Browser> {
  const executablePath = chromiumPath() ?? '';
  // As root its sandbox cannot be had; the pages are our own.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args });
}

export interface Opened extends AsyncDisposable {
  page: Page;
  /** What the page complained of: errors, refused scripts, messages on its console. */
  complaints: string[];
  /** What it asked the network for, besides itself. */
  requests: string[];
}

export interface OpenOptions {
  colorScheme?: 'light' | 'dark';
  reducedMotion?: 'reduce';
  width?: number;
  height?: number;
}

/** Opens `url` in a context of its own, and waits until the page is drawn. */
export async function openPage(
  browser: Browser,
  url: string,
  { width = 1280, height = 900, ...options }: OpenOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width, height }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url() !== url) requests.push(request.url());
  });
  await page.goto(url);
  await page.locator('#page > footer').waitFor();
  return {
    page,
    complaints,
    requests,
    async [Symbol.asyncDispose]() {
      await context.close();
    },
  };
}
