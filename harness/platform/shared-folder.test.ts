import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { sharedFolder } from './shared-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'shared-folder-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OTHER = 65_534;
const AS_OTHER = [`--reuid=${OTHER}`, `--regid=${OTHER}`, '--clear-groups'];
const isRoot = process.getuid?.() === 0;
const setpriv = isRoot && spawnSync('setpriv', [...AS_OTHER, 'true']).status === 0;

test('what is written there the other reads, what it answers we read, and all of it goes', async () => {
  let inside: string;
  {
    await using shared = (await sharedFolder(process.pid, 'shared-test-'))!;
    inside = shared.inside;
    await shared.write('ask', 'question');
    expect(execFileSync('cat', [`${shared.inside}/ask`], { encoding: 'utf8' })).toBe('question');
    writeFileSync(`${shared.answersInside}/answer`, 'answer');
    expect(await shared.answer('answer', 100)).toBe('answer');
    expect(await shared.answer('answer', 3)).toBeNull();
    expect(await shared.answer('none', 100)).toBeNull();
    await expect(shared.write('ask', 'again')).rejects.toThrow(/EEXIST/);
  }
  expect(() => statSync(inside)).toThrow(/ENOENT/);
});

describe('a process of another user', () => {
  const asOther = (script: string) =>
    spawnSync('setpriv', [...AS_OTHER, 'sh', '-c', script], { encoding: 'utf8' });

  test('writes answers and nothing else, whatever they are', async (context) => {
    if (!setpriv) return context.skip('needs root and setpriv');
    const other = spawn('setpriv', [...AS_OTHER, 'sleep', '60'], { stdio: 'ignore' });
    onTestFinished(() => void other.kill('SIGKILL'));
    await expect.poll(() => statSync(`/proc/${other.pid}`).uid).toBe(OTHER);
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'root only', { mode: 0o600 });
    await using shared = (await sharedFolder(other.pid!, 'shared-test-'))!;
    await shared.write('ask', 'question');
    const { inside, answersInside } = shared;
    expect(asOther(`cat ${inside}/ask`).stdout).toBe('question');
    for (const attempt of [
      `echo x > ${inside}/ask`,
      `rm ${inside}/ask`,
      `echo x > ${inside}/other`,
      `mv ${answersInside} ${inside}/moved`,
      `rmdir ${answersInside}`,
    ]) {
      expect(asOther(attempt).status, attempt).not.toBe(0);
    }
    asOther(`cd ${answersInside}; echo fine > file; mkfifo pipe; ln -s ${secret} link; mkdir sub`);
    expect(await shared.answer('file', 100)).toBe('fine\n');
    expect(await shared.answer('pipe', 100)).toBeNull();
    expect(await shared.answer('link', 100)).toBeNull();
    expect(await shared.answer('sub', 100)).toBeNull();
    // What it has made there besides is its own; nothing is followed when we clear up.
    asOther(`rmdir ${answersInside}/sub`);
    await shared[Symbol.asyncDispose]();
    expect(readdirSync(folder)).toContain('secret');
  });

  test('whose /tmp is a link out of its root gets no folder, and none is made at the end of the link', async (context) => {
    if (!isRoot || spawnSync('unshare', ['--mount', 'true']).status !== 0) {
      return context.skip('needs root and mount namespaces');
    }
    const victim = mkdtempSync(join(folder, 'victim-'));
    const root = mkdtempSync(join(folder, 'root-'));
    const script = `mount -t tmpfs none ${root} && cd ${root} && mkdir usr proc var &&
      mount --bind /usr usr && ln -s usr/bin bin && ln -s usr/lib lib && ln -s usr/lib64 lib64 &&
      ln -s ${victim} tmp && ln -s ${victim} var/tmp && exec chroot . /usr/bin/sleep 60`;
    const other = spawn('unshare', ['--mount', 'sh', '-c', script], { stdio: 'ignore' });
    onTestFinished(() => void other.kill('SIGKILL'));
    await expect
      .poll(() =>
        execFileSync('readlink', [`/proc/${other.pid}/root`], { encoding: 'utf8' }).trim(),
      )
      .toBe(root);
    expect(await sharedFolder(other.pid!, 'shared-test-')).toBeNull();
    expect(readdirSync(victim)).toEqual([]);
  });
});
