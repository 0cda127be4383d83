/** `hanglab init` and `hanglab config check` from outside. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CliOptions, type Exit, startCli } from './start-cli.test-helper.ts';

vi.setConfig({ testTimeout: 120_000 });
const NOTES = fileURLToPath(new URL('./try/fixtures/notes-server.mjs', import.meta.url));
const BIN = fileURLToPath(new URL('../../bin/hanglab.js', import.meta.url));
const LINE = 'POST /notes {"title":"${title}","text":"${text}"}';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'init-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

async function hanglab(args: string[], options: CliOptions = {}): Promise<Exit> {
  await using started = startCli(args, { cwd, ...options });
  const exit = await started.exit;
  expect(started.leftovers()).toEqual([]);
  return exit;
}
const written = (): string => readFileSync(join(cwd, 'hanglab.config.ts'), 'utf8');
const write = (name: string, text: string): void => writeFileSync(join(cwd, name), text);

describe('init', () => {
  it('with a command starts it, and writes what it found; config check agrees', async () => {
    const init = await hanglab([
      'init',
      '--request',
      LINE,
      '--request',
      'GET /notes',
      '--',
      process.execPath,
      NOTES,
    ]);
    expect(init.stderr).toBe('');
    expect(init.stdout).toContain('written: hanglab.config.ts');
    expect(init.code).toBe(0);
    expect(written()).toContain('env: { ...modelEnv() }');
    expect(written()).toContain("health: '/healthz'");
    const check = await hanglab(['config', 'check']);
    expect(check.stdout).toMatch(/✔ postNotes +POST \/notes: 201, .*, calls llm/);
    expect(check.stdout).toMatch(/✔ getNotes +GET \/notes: 200/);
    expect(check.stdout).toMatch(/\d+ scenarios? can be run/);
    expect(check.stderr).toBe('');
    expect(check.code).toBe(0);
  });

  it('with a document alone starts nothing, and says that nothing was tried', async () => {
    const paths = {
      '/items': {
        get: {},
        post: { requestBody: { content: { 'application/json': { example: { n: 1 } } } } },
      },
    };
    write('api.json', JSON.stringify({ openapi: '3.1.0', info: {}, paths }));
    write('package.json', '{"scripts":{"start":"node x.js"}}');
    const { code, stdout } = await hanglab(['init', '--openapi', 'api.json']);
    expect(code).toBe(0);
    expect(stdout).toContain('next: `hanglab config check`');
    expect(written()).toContain("command: 'npm start'");
    expect(written()).toContain("postItems: { post: '/items', json: { n: 1 } }");
    expect(written()).toContain('Nothing of this has been tried');
  });

  it('with a recording alone, without what is secret in it', async () => {
    const entry = {
      _resourceType: 'fetch',
      request: {
        method: 'GET',
        url: 'http://x/list',
        headers: [{ name: 'Cookie', value: 'sid=s3cret' }],
      },
      response: { status: 200, content: { mimeType: 'application/json' } },
    };
    write('a.har', JSON.stringify({ log: { entries: [entry] } }));
    const { code } = await hanglab(['init', '--har', 'a.har']);
    expect(code).toBe(0);
    expect(written()).toContain("headers: { cookie: process.env.HANGLAB_COOKIE ?? '' }");
    expect(written()).not.toContain('s3cret');
  });

  it('with nothing, and without a terminal: says what it expects', async () => {
    const { code, stderr } = await hanglab(['init']);
    expect(stderr).toContain('expected -- COMMAND, --attach, --openapi or --har');
    expect(code).toBe(3);
  });

  it('with nothing, on a terminal: asks', async ({ skip }) => {
    write('Procfile', `web: ${process.execPath} ${NOTES} --port $PORT\n`);
    const command = `${process.execPath} ${BIN} init`;
    const terminal = spawn('script', ['-qec', command, '/dev/null'], { cwd, stdio: 'pipe' });
    let text = '';
    let isMissing = false;
    terminal.on('error', () => {
      isMissing = true;
    });
    const closed = new Promise<number | null>((resolve) => terminal.on('close', resolve));
    const answers = ['', '', LINE, '3s'];
    terminal.stdout.on('data', (chunk) => {
      text += chunk;
      if (/: (\x1b\[\d+G)?$/.test(text) && answers.length > 0) {
        text += '\n';
        terminal.stdin.write(`${answers.shift()}\n`);
      }
    });
    // Its own limit: whatever it runs goes with it.
    const late = setTimeout(() => terminal.kill(), 60_000);
    const code = await closed;
    clearTimeout(late);
    if (isMissing) return skip('there is no `script` to make a terminal with');
    expect(text).toContain('What starts your server');
    expect(text).toContain('written: hanglab.config.ts');
    expect(code).toBe(0);
    expect(written()).toContain("limits: { request: '3s' }");
    expect(written()).toContain('postNotes');
  });
});

describe('config check', () => {
  const config = (operations: string, more = ''): void =>
    write(
      'hanglab.config.mts',
      `import { defineConfig, modelEnv } from 'hanglab';
       export default defineConfig({
         server: { command: ['${process.execPath}', '${NOTES}'], env: { ...modelEnv(), DOCUMENT: '1' } },
         upstreams: { llm: { model: true } }, health: '/healthz', limits: { request: '3s' }, ${more}
         operations: { ${operations} },
       });`,
    );

  it('names the nearest path of the document for one that is not there', async () => {
    config(
      `list: { get: '/note' }, create: { post: '/notes', json: { title: 'a', text: 'b' }, good: 200 }`,
    );
    const { code, stdout } = await hanglab(['config', 'check']);
    expect(stdout).toMatch(/✖ list +GET \/note: 404/);
    expect(stdout).toContain('operations.list was answered, but not as declared: status 404');
    expect(stdout).toContain('Its document has GET, POST /notes');
    expect(stdout).toContain('operations.create was answered, but not as declared: status 201');
    expect(code).toBe(3);
  });

  it('reports a health endpoint and a source of progress that are none', async () => {
    config(
      `list: { get: '/notes' }`,
      `progress: { get: '/notes', open: '$.open', done: '$.done' },`,
    );
    write(
      'hanglab.config.mts',
      readFileSync(join(cwd, 'hanglab.config.mts'), 'utf8').replace(
        "health: '/healthz'",
        "health: '/notes', readiness: '/healthz'",
      ),
    );
    const progress = await hanglab(['config', 'check']);
    expect(progress.stdout).toContain('progress: GET /notes has no counts "open" and "done"');
    expect(progress.code).toBe(3);
  });

  it('says where a config is broken', async () => {
    write(
      'hanglab.config.ts',
      "import { defineConfig } from 'hanglab';\nexport default defineConfig({\n  server: {{\n});\n",
    );
    const { code, stderr } = await hanglab(['config', 'check']);
    expect(stderr).toContain('hanglab.config.ts:3 cannot be loaded');
    expect(code).toBe(3);
  });

  it('without what to check says so', async () => {
    const { code, stdout, stderr } = await hanglab(['config']);
    expect(stdout + stderr).toContain('check');
    expect(code).toBe(3);
  });
});
