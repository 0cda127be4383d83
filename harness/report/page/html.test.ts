/** One file that needs nothing else: its policy, its size, what is escaped in it. */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { runPage } from '../data/run-page.ts';
import { madeRun, recordedRun } from '../made-run.test-helper.ts';
import { pageHtml } from './html.ts';
import { pageAssets } from './page-assets.ts';
import type { PageData, RunPage } from './page-data.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function pageFor(folder: string): Promise<RunPage> {
  folders.push(folder);
  return runPage(folder);
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');

test('nothing may run, load or send but what is in the page', async () => {
  const html = await pageHtml(await pageFor(recordedRun()));
  const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html) ?? [];
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text]) => text ?? '');
  const styles = [...html.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, text]) => text ?? '');
  expect(scripts).toHaveLength(1);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain(`script-src 'sha256-${sha256(scripts[0] ?? '')}'`);
  expect(policy).toContain(`style-src 'sha256-${sha256(styles[0] ?? '')}'`);
  expect(policy).toContain("connect-src 'none'");
  expect(html).not.toMatch(/<(link|img|iframe)\b|\bsrc=/);
  expect(scripts[0]).not.toMatch(/\beval\(|new Function/);
});

test('the page without its data is under 150 kB', () => {
  const { script, style } = pageAssets();
  expect(script.length + style.length).toBeLessThan(150_000);
});

test('an hour of load is under 2 MB', async () => {
  const html = await pageHtml(await pageFor(madeRun({ requests: 30_000, durationMs: 3_600_000 })));
  expect(html.length).toBeLessThan(2_000_000);
});

test('the data comes back as it was, whatever its texts say', async () => {
  const text = '</script><!--<script> \u2028 & "quoted"';
  const page = await pageFor(madeRun({ requests: 5, durationMs: 1000, text }));
  const small: PageData = { ...page, timeline: { ...page.timeline, charts: [] } };
  const html = await pageHtml(small);
  const [, type, data = ''] =
    /<script type="application\/(\w+)" id="data">([^<]*)</.exec(html) ?? [];
  expect(type).toBe('json');
  expect(JSON.parse(data)).toEqual(JSON.parse(JSON.stringify(small)));
  expect(html).toContain('<title>&lt;/script&gt;');
});

test('much data is compressed', async () => {
  const page = await pageFor(madeRun({ requests: 2000, durationMs: 20_000 }));
  const html = await pageHtml(page);
  const [, data = ''] = /<script type="application\/gzip" id="data">([^<]*)</.exec(html) ?? [];
  const json = gunzipSync(Buffer.from(data, 'base64')).toString();
  expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(page)));
});
