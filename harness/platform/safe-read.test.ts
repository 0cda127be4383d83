import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { safeRead } from './safe-read.ts';

const folder = mkdtempSync(join(tmpdir(), 'safe-read-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const own = { maxBytes: 1000, uid: process.getuid!() };
const path = (name: string) => join(folder, name);
writeFileSync(path('file'), 'text');
symlinkSync(path('file'), path('link'));
execFileSync('mkfifo', [path('pipe')]);

test('a regular file, also through a link unless that is forbidden', async () => {
  expect(await safeRead(path('file'), own)).toBe('text');
  expect(await safeRead(path('link'), own)).toBe('text');
  expect(await safeRead(path('link'), { ...own, noLinks: true })).toBeNull();
});

test('neither a pipe nor a device nor a folder, and none of them blocks', async () => {
  expect(await safeRead(path('pipe'), own)).toBeNull();
  expect(await safeRead('/dev/zero', own)).toBeNull();
  expect(await safeRead(folder, own)).toBeNull();
  expect(await safeRead(path('none'), own)).toBeNull();
});

test('nothing that is too large', async () => {
  expect(await safeRead(path('file'), { ...own, maxBytes: 3 })).toBeNull();
});

test('root reads for another user only what that one could read', async (context) => {
  if (process.getuid?.() !== 0) return context.skip('needs root');
  const other = { maxBytes: 1000, uid: 65_534 };
  expect(await safeRead(path('file'), other)).toBe('text');
  chmodSync(path('file'), 0o600);
  expect(await safeRead(path('file'), other)).toBeNull();
});
