/** A target of another user that tries to have hanglab, as root, read, write, run or delete something for it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { lines, report } from '../fixtures/assertions.ts';
import { hung, missing } from '../fixtures/hung.ts';
import { startFixture } from '../fixtures/start.ts';
import { AS_OTHER, cannotRun, OTHER_USER } from '../fixtures/users.ts';
import { diagnose, pythonAgentEnvironment } from '../index.ts';

const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The machine's own: another user cannot go through root's home. */
const PYTHON = '/usr/bin/python3';
const python = missing(PYTHON, '--version');
const root = cannotRun(AS_OTHER) ?? python ?? missing('gdb', '--version');

/** Answers on its port, and has a handler for the agent's signal. */
const CATCHES_44 = `
import http.server, os, signal
signal.signal(44, lambda *_: open(os.environ["HEARD"], "a").write("44"))
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
print(server.server_port, flush=True)
server.serve_forever()
`;

describe('HANGLAB_TASKS is the target’s to write', { timeout: 60_000 }, () => {
  test.each([
    ['nobody has handed out a folder', undefined],
    ['another folder was handed out', mkdtempSync(join(folder, 'own-'))],
  ])('%s: the file that it names stays, and no signal is sent', async (_, agentFolder) => {
    if (python) return;
    const kept = join(folder, `kept-${String(agentFolder !== undefined)}`);
    const heard = `${kept}-heard`;
    writeFileSync(kept, 'precious');
    const script = join(folder, 'catches.py');
    writeFileSync(script, CATCHES_44);
    const child = spawn(PYTHON, [script], {
      env: { HANGLAB_TASKS: kept, HEARD: heard },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await diagnose({
        pid: child.pid!,
        windowMs: 300,
        ...(agentFolder !== undefined && { agentFolder }),
      });
    } finally {
      child.kill('SIGKILL');
    }
    expect(readFileSync(kept, 'utf8')).toBe('precious');
    expect(readdirSync(folder)).not.toContain(heard.split('/').at(-1));
  });

  test('a folder that others may enter is not believed, though it was handed out', async (context) => {
    if (python) return context.skip(python);
    const open = mkdtempSync(join(tmpdir(), 'open-'));
    try {
      const { chmodSync } = await import('node:fs');
      chmodSync(open, 0o755);
      const env = pythonAgentEnvironment(open);
      await using server = await startFixture('deadlocked_semaphore.py', { runtime: PYTHON, env });
      const diagnosis = await hung(server, 2, { agentFolder: open });
      expect(diagnosis.decided, report(diagnosis)).toBe(false);
      expect(readdirSync(open)).toEqual([]);
    } finally {
      rmSync(open, { recursive: true });
    }
  });
});

describe('--inject, as root, into a process of another user', { timeout: 60_000 }, () => {
  test('tells its tasks, while that user writes into whatever folder it can', async (context) => {
    if (root) return context.skip(root);
    const proof = join(tmpdir(), `hostile-proof-${process.pid}`);
    const attacker = spawn(AS_OTHER[0]!, [...AS_OTHER.slice(1), 'sh', '-c', attackOn(proof)], {
      stdio: 'ignore',
    });
    try {
      const [runtime = '', ...runtimeArgs] = [...AS_OTHER, PYTHON];
      await using server = await startFixture('deadlocked_semaphore.py', { runtime, runtimeArgs });
      for (let round = 0; round < 3; round++) {
        const diagnosis = await hung(server, 2, { inject: true });
        expect(diagnosis.code, report(diagnosis)).toBe('deadlock');
        expect(lines(diagnosis, server)).toContain(server.lineOf('stuck here'));
      }
    } finally {
      attacker.kill('SIGKILL');
    }
    expect(readdirSync(tmpdir())).not.toContain(proof.split('/').at(-1));
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('hanglab-inject-'))).toEqual([]);
    expect(OTHER_USER).not.toBe(process.getuid?.());
  });
});

/** Replaces every file of every folder that hanglab makes for this, again and again. */
function attackOn(proof: string): string {
  const command = `shell touch ${proof}`;
  return `while :; do
    for folder in ${tmpdir()}/hanglab-*; do
      for name in commands request ask.py; do
        rm -f "$folder/$name"
        echo '${command}' > "$folder/$name"
      done
    done
  done 2>/dev/null`;
}
