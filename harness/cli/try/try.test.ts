/** `hanglab try` from outside: what it finds and says, what it writes, its exit code, and that nothing is left. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { type Cli, type CliOptions, type Exit, startCli } from '../start-cli.test-helper.ts';

vi.setConfig({ testTimeout: 120_000 });
const fixture = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const SERVER = ['--', process.execPath, fixture('notes-server.mjs')];
/** A machine that others keep busy gives no verdict: then it is tried again. */
const SCENARIO = ['--scenario', fixture('model-silent.ts'), '--retry-inconclusive', '3'];
const NOTES = [
  '--request',
  'GET /notes',
  '--request',
  'POST /notes {"title":"${title}","text":"${text}"}',
];

/** Runs to its end; nothing of it may be left. */
async function tried(
  args: string[],
  options: CliOptions = {},
  inside?: (cli: Cli) => void,
): Promise<Exit> {
  await using started = startCli(['try', ...args], options);
  inside?.(started);
  const exit = await started.exit;
  expect(started.leftovers()).toEqual([]);
  return exit;
}

describe('a server that keeps its limits', () => {
  it('is found out about, runs what applies, and its config gives the same again', async () => {
    await using started = startCli([
      'try',
      ...NOTES,
      ...SCENARIO,
      '--write',
      'found.config.ts',
      '--seed',
      '3',
      ...SERVER,
    ]);
    const { code, stdout } = await started.exit;
    expect(stdout).toMatch(/health +\S.* GET \/healthz/);
    expect(stdout).toMatch(/write .* POST \/notes \(201, .*, id \$\.id\)/);
    expect(stdout).toContain('the scripted model was called by postNotes');
    expect(stdout).toContain('request limit');
    expect(stdout).toContain('1 scenario, about');
    expect(stdout).toContain('✔ model-silent');
    expect(stdout).toContain('written: found.config.ts');
    expect(code).toBe(0);
    expect(started.leftovers()).toEqual([]);

    const file = join(started.folder, 'found.config.ts');
    const source = readFileSync(file, 'utf8');
    expect(source.split('\n').length).toBeLessThan(30);
    expect(source).toContain(
      "postNotes: { post: '/notes', json: { title: '${title}', text: '${text}' }, id: '$.id' }",
    );
    await using again = startCli(['config', 'check', '--config', file], { cwd: started.folder });
    const check = await again.exit;
    expect(check.stdout).toContain('POST /notes');
    expect(check.code).toBe(0);
  });
});

describe('a server that waits for ever', () => {
  it('fails, with its place, and the config for its reproduction is in the report', async () => {
    await using started = startCli([
      'try',
      ...NOTES,
      ...SCENARIO,
      '--request-limit',
      '2s',
      '--json',
      '--env',
      'HANGS=1',
      ...SERVER,
    ]);
    const { code, stdout, stderr } = await started.exit;
    const { verdict, scenarios } = JSON.parse(stdout);
    expect(verdict).toBe('fail');
    expect(scenarios[0].findings).toContainEqual(
      expect.objectContaining({ check: 'every-request-ends', verdict: 'fail' }),
    );
    expect(JSON.stringify(scenarios[0].diagnosis)).toContain('notes-server.mjs');
    expect(stderr).toContain('found');
    expect(code).toBe(1);
    expect(started.leftovers()).toEqual([]);
    const repro = readFileSync(
      join(
        scenarios[0].report.startsWith('/')
          ? scenarios[0].report
          : join(started.folder, scenarios[0].report),
        'repro.sh',
      ),
      'utf8',
    );
    const [, config = ''] = /--config (\S+)/.exec(repro) ?? [];
    expect(existsSync(join(started.folder, config))).toBe(true);
  });
});

describe('variables of the model', () => {
  it('that lead elsewhere stay, and are reported', async () => {
    const { stdout } = await tried(['--request', 'GET /notes', ...SCENARIO, ...SERVER], {
      env: { OPENAI_BASE_URL: 'https://me:pw@models.example/v1?key=k' },
    });
    expect(stdout).toContain(
      "OPENAI_BASE_URL leads to models.example, and stays: the scripted model needs --env 'OPENAI_BASE_URL=${llm}/v1'",
    );
    expect(stdout).not.toMatch(/pw@|key=k/);
  });
});

describe('bad options', () => {
  it('are reported all at once, and nothing is started', async () => {
    const { code, stderr, stdout } = await tried([
      '--attach=none',
      '--request=FETCH /x',
      '--har=none.har',
      '--header=no',
      '--env=no',
      '--health=no',
      '--request-limit=soon',
      '--upstream=redis',
      '--scenario=no-such',
      ...SERVER,
    ]);
    expect(stdout).toBe('');
    expect(stderr).toContain('10 things are wrong:');
    expect(code).toBe(3);
  });

  it('no command: says what is expected', async () => {
    const { code, stderr } = await tried([]);
    expect(stderr).toContain('expected what starts the server');
    expect(code).toBe(3);
  });

  it('a config that is there is not overwritten', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'try-write-'));
    writeFileSync(join(cwd, 'hanglab.config.ts'), 'mine');
    const { code, stderr } = await tried(['--write', ...SERVER], { cwd });
    expect(readFileSync(join(cwd, 'hanglab.config.ts'), 'utf8')).toBe('mine');
    rmSync(cwd, { recursive: true });
    expect(stderr).toContain('it is there already, and is not overwritten');
    expect(code).toBe(3);
  });
});
