/** Bad input: all of it named at once, with the nearest right one, exit code 3, nothing started. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { type CliOptions, cli, type Exit, startCli } from './start-cli.test-helper.ts';

vi.setConfig({ testTimeout: 60_000 });
const folder = mkdtempSync(join(tmpdir(), 'cli-input-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs to its end, and holds for every bad input: no result, no stack trace, nothing left. */
async function refused(args: string[], options: CliOptions = {}): Promise<Exit> {
  await using started = startCli(args, options);
  const exit = await started.exit;
  expect(exit.stdout).toBe('');
  expect(exit.stderr).not.toMatch(/^\s+at \S/m);
  expect(started.leftovers()).toEqual([]);
  return exit;
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('names', () => {
  it('says which scenario is meant', async () => {
    const { code, stderr } = await refused(['run', 'uplod-burst']);
    expect(stderr).toContain('there is no scenario "uplod-burst". Did you mean "upload-burst"?');
    expect(code).toBe(3);
  });

  it('says which flag and which command are meant', async () => {
    const flag = await refused(['run', '--defekt', 'x']);
    expect(flag.stderr).toContain('Did you mean --defect?');
    expect(flag.code).toBe(3);
    const command = await refused(['rnu']);
    expect(command.stderr).toContain('Did you mean run?');
    expect(command.code).toBe(3);
  });

  it('names several problems at once', async () => {
    const { code, stderr } = await refused([
      'run',
      'upload-burts',
      '--defect=longer-timeouts',
      '--seed=x',
      '--scale=0',
      '--jobs=0',
      '--repeat=1.5',
      '--toxiproxy=embeded',
      '--hold=soon',
    ]);
    expect(stderr).toContain('8 things are wrong:');
    for (const part of [
      'Did you mean "upload-burst"?',
      'Did you mean "longer-timeout"?',
      '--seed x: expected a whole number',
      '--scale 0: expected a number',
      '--jobs 0: expected a whole number',
      '--repeat 1.5: expected a whole number',
      'Did you mean "embedded"?',
      '--hold: "soon" is not a duration',
    ]) {
      expect(stderr).toContain(part);
    }
    expect(code).toBe(3);
  });

  it('asks for a duration of --hold where there is no terminal', async () => {
    const { code, stderr } = await refused(['run', 'upload-burst', '--hold']);
    expect(stderr).toContain('give it a duration, like --hold 5m');
    expect(code).toBe(3);
  });
});

describe('folders, ports and addresses', () => {
  it('says that the documents folder is missing, or holds nothing to upload', async () => {
    const missing = await refused(['run', 'upload-burst', '--documents', join(folder, 'none')]);
    expect(missing.stderr).toContain('there is no such folder');
    expect(missing.code).toBe(3);
    const empty = mkdtempSync(join(folder, 'empty-'));
    const nothing = await refused(['run', 'upload-burst', '--documents', empty]);
    expect(nothing.stderr).toContain('nothing to upload; expected at least one .md');
    expect(nothing.code).toBe(3);
  });

  it('says that --out cannot be written to', async () => {
    const out = join(file('a-file', ''), 'reports');
    const { code, stderr } = await refused(['run', 'upload-burst', '--out', out]);
    expect(stderr).toContain(`--out ${out}: `);
    expect(stderr).toContain('(out-not-writable)');
    expect(code).toBe(3);
  });

  it('says that nobody answers at TOXIPROXY_URL, and names it', async () => {
    // Bound and then given back: nobody listens there.
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const exit = await cli(['run', 'upload-burst'], { env: { TOXIPROXY_URL: url } });
    expect(exit.stderr).toContain(url);
    expect(exit.stderr).not.toMatch(/^\s+at \S/m);
    expect(exit.code).toBe(4);
  });

  it('says that the port of the target is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const { code, stderr } = await refused(['target', '--port', String(port)]);
    server.close();
    expect(stderr).toContain(`${port}`);
    expect(stderr).toMatch(/in use|EADDRINUSE/);
    expect(code).toBe(4);
  });
});

describe('what a build server gives', () => {
  it('is looked at before anything runs, and everything that is wrong is named at once', async () => {
    const known = file('wrong.txt', 'upload-brust progress # x\nupload-burst progres # x\n');
    const { code, stderr } = await refused([
      ...['run', '--junit', folder, '--known-failures', known, '--retry-inconclusive', '-1'],
      ...['--timeout', 'soon', '--keep', '0'],
    ]);
    for (const part of [
      '6 things are wrong:',
      `--junit ${folder}: that is a folder`,
      `${known}:1: there is no scenario "upload-brust". Did you mean "upload-burst"?`,
      `${known}:2: there is no check "progres". Did you mean "progress"?`,
      '--retry-inconclusive -1: expected a whole number',
      '--timeout: "soon" is not a duration',
      '--keep 0: expected a whole number',
    ]) {
      expect(stderr).toContain(part);
    }
    expect(code).toBe(3);
  });
});

describe('a scenario file', () => {
  it('that does not exist', async () => {
    const { code, stderr } = await refused(['run', './no-such-scenario.ts']);
    expect(stderr).toContain('there is no scenario file ./no-such-scenario.ts');
    expect(code).toBe(3);
  });

  it('that is not a module: its line is told, and what stands there', async () => {
    const path = file('not-a-module.mts', 'const a = 1;\nconst b = ;\n');
    const { code, stderr } = await refused(['run', path]);
    expect(stderr).toContain(`${path}:2 cannot be loaded: Expression expected`);
    expect(stderr).toContain('const b = ;');
    expect(code).toBe(3);
  });

  it('that throws, or imports what there is not', async () => {
    const throws = file('throws.mts', '\n\nthrow new Error("out of luck");\n');
    const thrown = await refused(['run', throws]);
    expect(thrown.stderr).toContain(`${throws}:3 cannot be loaded: out of luck`);
    const imports = file('imports.mts', "import { nope } from 'hanglab';\nnope();\n");
    const missing = await refused(['run', imports]);
    expect(missing.stderr).toContain(`${imports}:1 cannot be loaded: The requested module`);
    expect([thrown.code, missing.code]).toEqual([3, 3]);
  });

  it('that exports something else', async () => {
    const { code, stderr } = await refused(['run', file('else.mts', 'export const a = 1;')]);
    expect(stderr).toContain('does not export a scenario; expected `export default scenario(');
    expect(code).toBe(3);
  });

  it('that declares it wrongly: every problem at once', async () => {
    const text = `import { scenario } from 'hanglab';
      export default scenario({ why: 'short', needs: ['uplod'], cost: 'gpu', always: [], phases: {} });`;
    const { code, stderr } = await refused(['run', file('wrong.mts', text)]);
    for (const field of ['why', 'needs.0', 'cost', 'load', 'phases', 'always']) {
      expect(stderr).toMatch(new RegExp(`^ {2}${field}: `, 'm'));
    }
    expect(code).toBe(3);
  });

  it('that misspells an option, forgets a call, a phase, a duration: all at once, with their lines', async () => {
    const path = file(
      'misspelt.mts',
      `import { everyRequestEnds, health, llm, progressResumes, scenario, writes } from 'hanglab';
      export default scenario({
        why: 'Made wrong, so that what is said of it can be tested.',
        cost: 'wait',
        load: [writes({ evry: '400ms' }), writes({ every: 'soon' })],
        phases: () => ({ baseline: '2s', falt: '1s', recovery: 'later' }),
        faults: [llm.stalls({ marked: 'yes' })],
        steadyState: [health({ p99: '250ms', maks: '1s' })],
        always: [everyRequestEnds()],
        afterRecovery: [progressResumes],
        afterQuiece: [],
      });`,
    );
    const { code, stderr } = await refused(['run', path]);
    for (const part of [
      `${path}:5: writes: there is no option "evry". Did you mean "every"?`,
      `${path}:5: writes: every: "soon" is not a duration`,
      `${path}:7: llm.stalls: marked: `,
      `${path}:8: health: there is no option "maks". Did you mean "max"?`,
      'afterRecovery.0: progressResumes is a function and was not called: write progressResumes()',
      'there is no "afterQuiece". Did you mean "afterQuiesce"?',
      'phases: there is no phase "falt". Did you mean "fault"?',
      'phases: fault is missing',
      'phases.recovery: "later" is not a duration',
    ]) {
      expect(stderr).toContain(part);
    }
    expect(code).toBe(3);
  });
});

describe('a config', () => {
  it('that is wrong in several places: every problem at once, with the nearest name', async () => {
    const config = file(
      'hanglab.config.mts',
      `import { defineConfig } from 'hanglab';
      export default defineConfig({
        server: { comand: 'x', env: { REDIS_URL: 'redis://127.0.0.1:6379' } },
        upstreams: { redis: { at: '6379' } },
        operations: { upload: { pots: '/x' } },
        limit: { request: '2s' },
      });`,
    );
    const { code, stderr } = await refused(['run', 'upload-burst', '--config', config]);
    for (const part of [
      'server: there is no "comand" here. Did you mean "command"?',
      'upstreams.redis.at: expected host:port, like 127.0.0.1:6379',
      'operations.upload: there is no "pots" here. Did you mean "post"?',
      'there is no "limit" here. Did you mean "limits"?',
    ]) {
      expect(stderr).toContain(part);
    }
    expect(code).toBe(3);
  });

  it('whose names point nowhere, or past a link', async () => {
    const config = file(
      'names.mts',
      `export default {
        server: { command: 'serve --port \${prot}', env: { REDIS_URL: 'redis://localhost:6379/0' } },
        upstreams: { redis: { at: '127.0.0.1:6379' } },
        operations: {
          a: { get: '/a', post: '/a' },
          b: { get: '/b/\${idd}', done: { get: '/b', until: { '$.state': 'ok' } } },
          c: { delete: '/c/\${id}', deletes: 'd' },
        },
      };`,
    );
    const { code, stderr } = await refused(['run', 'upload-burst', '--config', config]);
    for (const part of [
      'server.command: ${prot} is not known. Did you mean "port"?',
      'REDIS_URL goes past the link to redis: write ${redis} in place of 127.0.0.1:6379',
      'operations.a: expected one of get, post, put, patch, delete with a path; there is get and post',
      'operations.b: ${idd} is not known. Did you mean "id"?',
      'operations.b: "done" and "found" need "id"',
      'operations.c.deletes: there is no operation "d"',
    ]) {
      expect(stderr).toContain(part);
    }
    expect(code).toBe(3);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
