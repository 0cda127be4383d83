/** The page of a run in progress: who gets it, and that it follows. */
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { recordedRun } from '../made-run.test-helper.ts';
import type { RunPage } from '../page/page-data.ts';
import { serveRun } from './serve.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A run that has written the first half of its history. */
function running(): { folder: string; writeRest(): void; judge(): void } {
  const folder = recordedRun();
  folders.push(folder);
  const file = join(folder, 'history.ndjson');
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const half = Math.floor(lines.length / 2);
  const rest = `${lines.slice(half).join('\n')}\n`;
  // The last line is there in part only.
  writeFileSync(file, `${lines.slice(0, half).join('\n')}\n${rest.slice(0, 20)}`);
  const verdict = join(folder, 'verdict.json');
  renameSync(verdict, `${verdict}.later`);
  return {
    folder,
    writeRest: () => appendFileSync(file, rest.slice(20)),
    judge: () => renameSync(`${verdict}.later`, verdict),
  };
}

function statusOf(
  url: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { headers, method }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

const dataOf = async (url: string): Promise<RunPage> =>
  (await (await fetch(new URL('data.json', url))).json()) as RunPage;

test('a page follows the run, and says when it has ended', async () => {
  const { folder, writeRest, judge } = running();
  await using served = await serveRun(folder);
  await expect.poll(async () => (await dataOf(served.url)).timeline.untilMs).toBeGreaterThan(0);
  const before = await dataOf(served.url);
  expect(before.verdict).toBe('running');
  const events = await fetch(new URL('events', served.url));
  const reader = (events.body as ReadableStream<Uint8Array>)
    .pipeThrough(new TextDecoderStream())
    .getReader();
  let heard = '';
  const hear = async (word: string): Promise<void> => {
    while (!heard.includes(word)) heard += (await reader.read()).value ?? '';
  };
  writeRest();
  await hear('event: changed');
  expect((await dataOf(served.url)).timeline.untilMs).toBeGreaterThan(before.timeline.untilMs);
  judge();
  await hear('event: ended');
  await served.ended;
  expect(await dataOf(served.url)).toMatchObject({ verdict: 'fail' });
  await reader.cancel();
});

test('only who has the address, and asks this host for it, gets the page', async () => {
  const { folder } = running();
  await using served = await serveRun(folder);
  const { url } = served;
  const { port } = new URL(url);
  expect(await statusOf(url)).toBe(200);
  expect(await statusOf(url.replace('127.0.0.1', 'localhost'))).toBe(200);
  expect(await statusOf(url, { host: `evil.example:${port}` })).toBe(421);
  expect(await statusOf(`http://127.0.0.1:${port}/`)).toBe(404);
  expect(await statusOf(`http://127.0.0.1:${port}/${'0'.repeat(32)}/`)).toBe(404);
  expect(await statusOf(url, {}, 'POST')).toBe(405);
  expect(await statusOf(`${url}history.ndjson`)).toBe(200);
  writeFileSync(join(folder, 'secret.txt'), 'x');
  for (const path of ['secret.txt', '..%2fsecret', '%2e%2e/x', 'events/../secret.txt']) {
    expect(await statusOf(url + path)).toBe(404);
  }
});

test('its policy lets it ask its own server, and nobody else', async () => {
  const { folder } = running();
  await using served = await serveRun(folder);
  const html = await (await fetch(served.url)).text();
  expect(html).toContain("connect-src 'self'");
  expect(html).toContain('<body data-live>');
});

test('a taken port is a usage error', async () => {
  const { folder } = running();
  await using served = await serveRun(folder);
  await expect(serveRun(folder, Number(new URL(served.url).port))).rejects.toMatchObject({
    code: 'cannot-listen',
  });
});
