import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { HanglabError } from '../../platform/errors.ts';
import { readStat } from '../../platform/procfs/process.ts';
import type { SetupContext } from '../target.ts';
import { loadedTarget } from './setup.test-helper.ts';
import { preparedFolder } from './setup.ts';

const scratch = mkdtempSync(join(tmpdir(), 'hanglab-setup-test-'));
let configFolder = '';
let count = 0;
beforeEach(() => {
  configFolder = join(scratch, `config-${++count}`);
  mkdirSync(configFolder);
  process.env.XDG_CACHE_HOME = join(scratch, 'cache');
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const contextOf = (signal = new AbortController().signal): SetupContext => ({
  signal,
  watchGroup() {},
  forgetGroup() {},
});

const shell = (script: string) => ({ command: ['/bin/sh', '-c', script], configFolder });
const runs = (): number => readFileSync(join(configFolder, 'runs'), 'utf8').length;

describe('preparedFolder', () => {
  test('runs the command once, in a folder of its own', async () => {
    const spec = shell('printf x >> ${config}/runs; pwd > ${setup}/where');
    const folder = await preparedFolder(spec, contextOf());
    expect(readFileSync(join(folder, 'where'), 'utf8').trim()).toBe(folder);
    expect(await preparedFolder(spec, contextOf())).toBe(folder);
    expect(runs()).toBe(1);
  });

  test('another command, or the same for another config, has another folder', async () => {
    const folder = await preparedFolder(shell('true'), contextOf());
    expect(await preparedFolder(shell('true # again'), contextOf())).not.toBe(folder);
    const elsewhere = { ...shell('true'), configFolder: scratch };
    expect(await preparedFolder(elsewhere, contextOf())).not.toBe(folder);
  });

  test('several at once run it once', async () => {
    const spec = shell('printf x >> ${config}/runs; sleep 0.3');
    const folders = await Promise.all([1, 2, 3].map(() => preparedFolder(spec, contextOf())));
    expect(new Set(folders).size).toBe(1);
    expect(runs()).toBe(1);
  });

  test('one that fails says so with its last lines, and is run again from an empty folder', async () => {
    const spec = shell(
      'test ! -e left && touch left && echo no such version && exit $(cat ${config}/code)',
    );
    writeFileSync(join(configFolder, 'code'), '3');
    const failed = preparedFolder(spec, contextOf());
    await expect(failed).rejects.toThrow(HanglabError);
    await expect(failed).rejects.toMatchObject({
      code: 'setup-failed',
      message: expect.stringContaining('exit code 3'),
      problems: ['no such version'],
    });
    writeFileSync(join(configFolder, 'code'), '0');
    expect(existsSync(await preparedFolder(spec, contextOf()))).toBe(true);
  });

  test('a command that does not exist is a failure too', async () => {
    const spec = { command: ['no-such-command-here'], configFolder };
    await expect(preparedFolder(spec, contextOf())).rejects.toMatchObject({ code: 'setup-failed' });
  });

  test('one that is interrupted ends at once, with its children, and is not taken for done', async () => {
    const stop = new AbortController();
    const spec = shell('printf x >> ${config}/runs; (sleep 60 & echo $! > ${config}/child; wait)');
    const setup = preparedFolder(spec, contextOf(stop.signal));
    while (!existsSync(join(configFolder, 'child'))) await new Promise((go) => setTimeout(go, 20));
    stop.abort();
    await expect(setup).rejects.toThrow();
    const child = Number(readFileSync(join(configFolder, 'child'), 'utf8'));
    // One that was killed may stay a zombie where nobody collects it.
    await expect.poll(() => ['Z', 'X', undefined].includes(readStat(child)?.state)).toBe(true);
    const again = new AbortController();
    const second = preparedFolder(spec, contextOf(again.signal));
    await expect.poll(runs).toBe(2);
    again.abort();
    await expect(second).rejects.toThrow();
  });
});

describe('a variant with a setup', () => {
  test('is started from the folder that its setup filled', async () => {
    await using started = await loadedTarget(configFolder, 'second', scratch);
    const answer = await fetch(`http://127.0.0.1:${started.port}/`);
    expect(await answer.text()).toBe('version 2');
  });

  test('what a config says of a setup is checked', async () => {
    await expect(loadedTarget(configFolder, 'wrong', scratch)).rejects.toMatchObject({
      code: 'bad-config',
      problems: [
        'server.setup: ${port} is not known. Known: setup, config',
        'variants.wrong.cwd: ${stup} is not known. Did you mean "setup"?',
      ],
    });
    await expect(loadedTarget(configFolder, 'none', scratch)).rejects.toMatchObject({
      problems: ['server.command: ${setup} is the folder of a `setup`, and there is none'],
    });
  });
});
