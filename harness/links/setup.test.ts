/** Installing the real Toxiproxy, with a stand-in for Go that builds what the real one would name. */
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cachedBinaryPath, findBinary } from './binary-path.ts';
import { installToxiproxy } from './setup.ts';

let folder: string;
const before = { ...process.env };
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hanglab-setup-'));
  process.env.XDG_CACHE_HOME = folder;
  delete process.env.HANGLAB_TOXIPROXY_BINARY;
});
afterEach(async () => {
  for (const name of ['XDG_CACHE_HOME', 'HANGLAB_TOXIPROXY_BINARY', 'PATH']) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  await rm(folder, { recursive: true });
});

async function pathWithGo(script: string): Promise<void> {
  const go = join(folder, 'go');
  await writeFile(go, `#!/bin/sh\n${script}\n`);
  await chmod(go, 0o755);
  process.env.PATH = `${folder}:/usr/bin:/bin`;
}

test('runs go install into the cache, says so, and is found there', async () => {
  await pathWithGo('echo "$CGO_ENABLED $@" > "$GOBIN/server"; chmod +x "$GOBIN/server"');
  const said: string[] = [];
  const path = await installToxiproxy({ print: (line) => said.push(line) });
  expect(path).toBe(cachedBinaryPath());
  expect(path).toBe(join(folder, 'hanglab', 'toxiproxy-server-2.12.0'));
  expect(said[0]).toBe(
    "go install -ldflags '-X github.com/Shopify/toxiproxy/v2.Version=2.12.0' " +
      'github.com/Shopify/toxiproxy/v2/cmd/server@v2.12.0',
  );
  expect(await findBinary()).toBe(path);
  expect(await readdir(join(folder, 'hanglab'))).toEqual(['toxiproxy-server-2.12.0']);
});

test('reports what go said when it fails, and leaves nothing', async () => {
  await pathWithGo('echo "no such module" >&2; exit 1');
  await expect(installToxiproxy()).rejects.toMatchObject({
    code: 'toxiproxy-not-installed',
    exitCode: 4,
    message: 'Toxiproxy was not installed: go install ended with 1: no such module',
  });
  expect(await readdir(join(folder, 'hanglab'))).toEqual([]);
});

test('without Go says what to install', async () => {
  process.env.PATH = folder;
  await expect(installToxiproxy()).rejects.toMatchObject({ code: 'no-go', exitCode: 4 });
});
