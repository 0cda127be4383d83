/** The pages in a real Chromium: what is seen, that it stays smooth, that nothing in the data comes alive. */
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { comparePage } from '../../data/compare-page.ts';
import { matrixPage } from '../../data/matrix-page.ts';
import { soakPage } from '../../data/soak-page.ts';
import { madeRun, recordedRun, temporaryFolder } from '../../made-run.test-helper.ts';
import { serveRun } from '../../serve/serve.ts';
import { writePage, writeRunPages, writeSuitePage } from '../../write-pages.ts';
import { chromiumPath, openPage, startChromium, WHY_SKIPPED } from './chromium.test-helper.ts';

const HAS_CHROMIUM = chromiumPath() !== null;
const folders: string[] = [];
let browser: Browser;

beforeAll(async () => {
  if (HAS_CHROMIUM) browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function pageOf(folder: string): Promise<string> {
  folders.push(folder);
  await writeRunPages(folder);
  return pathToFileURL(join(folder, 'report.html')).href;
}

/** How many pixels of the swimlane have about the colour of the style sheet's variable. */
function pixelsOf(page: Page, variable: string): Promise<number> {
  return page.evaluate((name) => {
    const canvas = document.querySelector<HTMLCanvasElement>('.swimlane canvas');
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return 0;
    const probe = document.body.appendChild(document.createElement('span'));
    probe.style.color = `var(${name})`;
    const rgb = getComputedStyle(probe).color.match(/\d+/g) ?? [];
    const [r = 0, g = 0, b = 0] = rgb.map(Number);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i] === r && data[i + 1] === g && data[i + 2] === b) count++;
    }
    return count;
  }, variable);
}

const range = (page: Page): Promise<string> => page.locator('.range').innerText();

/** By how much the page is wider than its window, on a wide and on a narrow screen; at most 0 is wanted. */
async function excessWidth(page: Page): Promise<number> {
  const excess = (): Promise<number> =>
    page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  const wide = await excess();
  const { height = 900, width = 1280 } = page.viewportSize() ?? {};
  await page.setViewportSize({ width: 360, height });
  await drawn(page);
  const narrow = await excess();
  await page.setViewportSize({ width, height });
  return Math.max(wide, narrow);
}

/** What was changed before is on the screen: a change is drawn in the frame after it. */
const drawn = (page: Page): Promise<void> =>
  page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
  );

describe.skipIf(!HAS_CHROMIUM)(HAS_CHROMIUM ? 'in Chromium' : WHY_SKIPPED, () => {
  test.each([
    'light',
    'dark',
  ] as const)('a recorded hang is told first, drawn and explained (%s)', async (colorScheme) => {
    const url = await pageOf(recordedRun());
    await using opened = await openPage(browser, url, { colorScheme });
    const { page, complaints, requests } = opened;
    expect(await page.locator('h1').innerText()).toMatch(
      /^Deadlock, 1 request waits for ever: queueRow/,
    );
    expect(await page.locator('.repro code').innerText()).toBe(
      'npx hanglab run upload-burst --seed 316 --defect cascade-takes-engine-permit',
    );
    // The stuck request is drawn up to the edge, in the colour of what is stuck.
    expect(await pixelsOf(page, '--bad')).toBeGreaterThan(2000);
    const [mark] = await page.locator('.source.marked').allInnerTexts();
    expect(mark).toContain('await new Promise<void>((resolve) => room.push(resolve));');
    expect(await page.locator('.graph .edge.in-cycle').count()).toBeGreaterThanOrEqual(3);
    expect(await page.locator('#checks tbody tr').first().innerText()).toContain('fail');
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(background).toBe(colorScheme === 'dark' ? 'rgb(16, 19, 23)' : 'rgb(255, 255, 255)');
    expect(complaints).toEqual([]);
    expect(requests).toEqual([]);
  });

  test('the keyboard zooms, pans, and steps through stuck requests', async () => {
    const url = await pageOf(recordedRun());
    await using opened = await openPage(browser, url);
    const { page } = opened;
    const whole = await range(page);
    await page.locator('.picture').focus();
    await page.keyboard.press('+');
    await expect.poll(() => range(page)).not.toBe(whole);
    const zoomed = await range(page);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => range(page)).not.toBe(zoomed);
    await page.keyboard.press('0');
    await expect.poll(() => range(page)).toBe(whole);
    await page.keyboard.press('n');
    await expect
      .poll(() => page.locator('.picture [aria-live]').innerText())
      .toContain('upload from');
    // A check's name leads to the time at which it failed.
    await page.keyboard.press('0');
    await page.getByTitle(/^progress: show/).click();
    await expect.poll(() => range(page)).not.toBe(whole);
  });

  test('a screen reader gets names, a table and words for every picture', async () => {
    const url = await pageOf(recordedRun());
    await using opened = await openPage(browser, url, { reducedMotion: 'reduce' });
    const { page } = opened;
    const unnamed = await page.evaluate(() =>
      [...document.querySelectorAll('canvas, svg, button, a, [role=region]')]
        // uPlot's own canvas is described by the text beside it.
        .filter((element) => !element.closest('.uplot'))
        .filter(
          (element) => !(element.getAttribute('aria-label') ?? element.textContent ?? '').trim(),
        )
        .map((element) => element.outerHTML.slice(0, 80)),
    );
    expect(unnamed).toEqual([]);
    await page.locator('.as-table summary').click();
    const [first] = await page.locator('.as-table tbody tr').allInnerTexts();
    expect(first).toMatch(/upload\tGuide 14\t[\d.]+ s\tunknown/);
    expect(await excessWidth(page)).toBeLessThanOrEqual(0);
    expect(await page.getByRole('img', { name: /upload: 4, 1 bar had not ended/ }).count()).toBe(1);
  });

  const HOSTILE = [
    '</script><script>window.hit = 1</script>',
    '<img src=x onerror="window.hit = 1">',
    '"><svg onload=window.hit=1>',
    "javascript:window.hit=1//'",
    '\u2028\u2029\u0000\u001b[31m',
    '\u202eright to left',
    '<!--<script>',
    '__proto__',
    'x'.repeat(5000),
  ].join(' ');

  test('hostile text in every field stays text', async () => {
    const url = await pageOf(madeRun({ requests: 60, durationMs: 8000, text: HOSTILE }));
    await using opened = await openPage(browser, url);
    const { page, complaints, requests } = opened;
    await page.locator('.as-table summary').click();
    const element = page.locator('.swimlane');
    await element.hover({ position: { x: 400, y: 12 } });
    const found = await page.evaluate(() => ({
      hit: 'hit' in window,
      foreign: document.querySelectorAll(
        '#page img, #page script, #page iframe, [onload], [onerror]',
      ).length,
      scripts: document.scripts.length,
    }));
    expect(found).toEqual({ hit: false, foreign: 0, scripts: 2 });
    // However long a text is, the page does not become wider than the window.
    expect(await excessWidth(page)).toBeLessThanOrEqual(0);
    expect(await page.locator('h1').innerText()).toContain('<img src=x onerror="window.hit = 1">');
    expect(complaints).toEqual([]);
    expect(requests).toEqual([]);
  });

  test('hostile text stays text in the page of a suite too, and a whole run opens in it', async () => {
    const run = madeRun({ requests: 20, durationMs: 4000, text: HOSTILE });
    await writeRunPages(run);
    const out = temporaryFolder();
    folders.push(run, out);
    await writeSuitePage(out, [
      { folder: run },
      { name: HOSTILE, skipped: HOSTILE },
      { name: HOSTILE, failed: HOSTILE },
    ]);
    await using opened = await openPage(browser, pathToFileURL(join(out, 'report.html')).href);
    const { page, complaints, requests } = opened;
    expect(await page.locator('h1').innerText()).toBe(
      '3 runs: 1 failed, 1 skipped, 1 without a verdict.',
    );
    expect(await page.locator('.suite-entry[open]').count()).toBe(2);
    expect(await excessWidth(page)).toBeLessThanOrEqual(0);
    await page.locator('.open-run').click();
    await page.locator('.swimlane').waitFor();
    await page.getByText('All runs').click();
    await page.locator('.suite').waitFor();
    expect(await page.evaluate(() => 'hit' in window)).toBe(false);
    expect(complaints).toEqual([]);
    expect(requests.filter((request) => !request.startsWith('file://'))).toEqual([]);
  });

  const SIDE = {
    verdict: 'fail',
    findings: [{ check: HOSTILE, verdict: 'fail', message: HOSTILE }],
    diagnosis: null,
  };
  test.each([
    [
      'compare',
      comparePage({
        ...{ schema: 'hanglab.compare/1', a: HOSTILE, b: HOSTILE },
        scenarios: [{ name: HOSTILE, outcome: HOSTILE, because: HOSTILE, a: SIDE, b: null }],
        skipped: [{ name: HOSTILE, skipped: HOSTILE }],
      }),
    ],
    [
      'matrix',
      matrixPage({
        ...{ schema: 'hanglab.matrix/1', verdict: 'fail', healthy: [] },
        rows: [
          {
            ...{ defect: HOSTILE, scenario: HOSTILE, expected: HOSTILE, result: HOSTILE },
            ...{
              caughtBy: [],
              marginTimes: 1,
              timeToVerdictMs: 1,
              diagnosis: null,
              isNamed: false,
            },
          },
        ],
      }),
    ],
    [
      'soak',
      soakPage({
        ...{ schema: 'hanglab.soak/1', verdict: 'leak', target: HOSTILE, notes: [HOSTILE] },
        resources: [
          {
            name: HOSTILE,
            verdict: HOSTILE,
            sentence: HOSTILE,
            evidence: [HOSTILE],
            values: [1, 2],
          },
        ],
      }),
    ],
  ])('hostile text stays text in the page of %s', async (name, data) => {
    const folder = temporaryFolder();
    folders.push(folder);
    const file = join(folder, `${name}.html`);
    await writePage(file, data);
    await using opened = await openPage(browser, pathToFileURL(file).href);
    const { page, complaints, requests } = opened;
    expect(await page.evaluate(() => 'hit' in window)).toBe(false);
    expect(await page.locator('#page img, #page script').count()).toBe(0);
    expect(await excessWidth(page)).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
    expect(requests).toEqual([]);
  });

  test('a run of which little is known has a page with what there is, and no empty parts', async () => {
    const folder = recordedRun();
    folders.push(folder);
    for (const name of ['history.ndjson', 'target.log']) rmSync(join(folder, name));
    const verdict = JSON.parse(readFileSync(join(folder, 'verdict.json'), 'utf8'));
    const less = { ...verdict, diagnosis: null, excerpts: undefined, failedAtMs: undefined };
    writeFileSync(join(folder, 'verdict.json'), JSON.stringify(less));
    await using opened = await openPage(browser, await pageOf(folder));
    const { page, complaints } = opened;
    expect(await page.locator('h1').innerText()).toMatch(/^Nothing was finished for/);
    expect(await page.locator('.links').allInnerTexts()).toEqual([
      'What happened\nChecks\nMachine\nFiles',
    ]);
    expect(await page.locator('#picture').innerText()).toMatch(/missing, or no event is in it/);
    expect(await page.locator('#machine').innerText()).not.toContain('Time that does not count');
    expect(complaints).toEqual([]);
  });

  test('the page of a run in progress follows it, and keeps what the reader has zoomed to', async () => {
    const folder = recordedRun();
    folders.push(folder);
    const file = join(folder, 'history.ndjson');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const half = Math.floor(lines.length / 2);
    writeFileSync(file, `${lines.slice(0, half).join('\n')}\n`);
    const verdict = join(folder, 'verdict.json');
    renameSync(verdict, `${verdict}.later`);
    await using served = await serveRun(folder);
    await using opened = await openPage(browser, served.url);
    const { page, complaints } = opened;
    expect(await page.locator('.live').innerText()).toBe('live');
    await expect.poll(() => page.locator('.swimlane').count()).toBe(1);
    const whole = await range(page);
    await page.locator('.picture').focus();
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    await drawn(page);
    const zoomed = await range(page);
    expect(zoomed).not.toBe(whole);
    appendFileSync(file, `${lines.slice(half).join('\n')}\n`);
    renameSync(`${verdict}.later`, verdict);
    await expect.poll(() => page.locator('.live').innerText(), { timeout: 10_000 }).toBe('ended');
    expect(await page.locator('h1').innerText()).toMatch(/^Deadlock/);
    expect(await range(page)).toBe(zoomed);
    expect(complaints).toEqual([]);
  });

  test('10,000 requests: a frame of zooming and panning costs little script', async () => {
    const url = await pageOf(madeRun({ requests: 10_000, durationMs: 120_000 }));
    await using opened = await openPage(browser, url);
    const { page } = opened;
    const { referenceMs, frameMs } = await page.evaluate(async () => {
      const element = document.querySelector('.swimlane') as HTMLElement;
      const nextFrame = () => new Promise(requestAnimationFrame);
      const box = element.getBoundingClientRect();
      const turn = (init: WheelEventInit) =>
        element.dispatchEvent(
          new WheelEvent('wheel', {
            clientX: box.left + 500,
            bubbles: true,
            cancelable: true,
            ...init,
          }),
        );
      // A piece of work of known size, done in this page at the same time: machines differ, and so does their load.
      const reference = (): number => {
        const begunMs = performance.now();
        let sum = 0;
        for (let i = 0; i < 3_000_000; i++) sum += Math.sqrt(i);
        return sum > 0 ? performance.now() - begunMs : 0;
      };
      const frames: number[] = [];
      const references: number[] = [];
      for (let i = 0; i < 24; i++) {
        // Callbacks of a frame run in their order: ours, that of the picture, ours.
        let begunMs = 0;
        requestAnimationFrame(() => {
          begunMs = performance.now();
        });
        turn(i % 2 === 0 ? { deltaY: i < 12 ? -40 : 40, ctrlKey: true } : { deltaX: 60 });
        await nextFrame();
        frames.push(performance.now() - begunMs);
        references.push(reference());
      }
      const median = (values: number[]): number =>
        values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
      return { referenceMs: median(references), frameMs: median(frames) };
    });
    // The reference takes about 10 ms on an idle machine; a frame at 30 per second is 33 ms.
    expect(frameMs / referenceMs).toBeLessThan(3);
  });
});
