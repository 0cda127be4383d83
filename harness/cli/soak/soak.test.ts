/** `hanglab soak` as a person types it: to its end, and interrupted, judged, and gone on with. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { cli, startCli } from '../start-cli.test-helper.ts';

vi.setConfig({ testTimeout: 120_000 });
const folder = mkdtempSync(join(tmpdir(), 'cli-soak-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A config of a small server that leaks a file in ten requests. */
const config = join(folder, 'hanglab.config.ts');
const program = join(import.meta.dirname, '../../soak/fixtures/leaks.mjs');
writeFileSync(
  config,
  `export default {
     name: 'leaks',
     server: { command: ${JSON.stringify([process.execPath, program])}, env: { LEAK: 'fd' } },
     operations: { get: { get: '/' } },
   };`,
);

const SIZE = ['--requests', '120', '--still', '200ms', '--back-within', '1s', '--seed', '7'];
const WANTED = ['--one-in', '100', '--smallest-leak', '30000'];
const soakArgs = (out: string): string[] => [
  'soak',
  '--config',
  config,
  '--out',
  out,
  ...SIZE,
  ...WANTED,
];

describe.concurrent('hanglab soak', () => {
  test('interrupted: says how to go on; what there is can be judged, and gone on with', async () => {
    const out = join(folder, 'interrupted');
    await using started = startCli(soakArgs(out));
    await started.said('round 2 of 8');
    started.send('SIGINT');
    const interrupted = await started.exit;
    expect(interrupted.code).toBe(130);
    expect(interrupted.stdout).toMatch(/ended early: .*hanglab soak --resume \S+/);
    expect(started.leftovers()).toEqual([]);

    const report = join(out, 'soak', readdirSync(join(out, 'soak'))[0] ?? '');
    const soFar = await cli(['soak', '--report', report, '--json']);
    // Two rounds say nothing yet.
    expect(soFar.code, soFar.stderr).toBe(2);
    expect(JSON.parse(soFar.stdout)).toMatchObject({
      schema: 'hanglab.soak/1',
      verdict: 'undecided',
    });

    const resumed = await cli(['soak', '--resume', report, '--json']);
    expect(resumed.code, resumed.stderr).toBe(1);
    // Those of before count.
    expect(resumed.stderr).toContain('round 3 of 8');
    expect(resumed.stderr).not.toContain('round 1 of 8');
    const soak = JSON.parse(resumed.stdout) as {
      verdict: string;
      resources: { name: string; verdict: string; perOperation: number; evidence: string[] }[];
    };
    expect(soak.verdict).toBe('leak');
    const files = soak.resources.find(({ name }) => name === 'fds: file');
    expect(files).toMatchObject({ verdict: 'leak' });
    expect(files?.perOperation).toBeCloseTo(0.1, 2);
    expect(files?.evidence).toContainEqual(expect.stringContaining('leaks.mjs'));
    expect(JSON.parse(readFileSync(join(report, 'verdict.json'), 'utf8'))).toEqual(soak);
  });

  test('bad input: exit 3, every problem at once, and nothing is started', async () => {
    const out = join(folder, 'bad');
    const { code, stderr } = await cli([
      ...['soak', 'no-such-scenario', '--config', config, '--out', out],
      ...['--for', '5s', '--rounds', '3', '--clients', '0', '--pprof', 'http://example.com/'],
    ]);
    expect(code, stderr).toBe(3);
    for (const part of ['no-such-scenario', '--for 5s', '--rounds 3', '--clients 0', '--pprof']) {
      expect(stderr).toContain(part);
    }
    const none = await cli(['soak', '--resume', folder]);
    expect(none.code, none.stderr).toBe(3);
    expect(none.stderr).toContain('(no-such-soak)');
  });
});
