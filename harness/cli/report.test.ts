/** What `run` leaves behind to look at, and `hanglab report` from outside. */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { recordedRun } from '../report/made-run.test-helper.ts';
import { writeRunReport } from './report/run-pages.ts';
import { cli, startCli } from './start-cli.test-helper.ts';

vi.setConfig({ testTimeout: 90_000 });
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
const recorded = (): string => {
  const folder = recordedRun();
  folders.push(folder);
  return folder;
};
const ALWAYS_FAILS = fileURLToPath(new URL('fixtures/always-fails.ts', import.meta.url));
const SHORT_RUN = fileURLToPath(new URL('fixtures/short-run.ts', import.meta.url));

describe('run', () => {
  it('leaves pages and a trace, sends spans, and keeps numbers for the next run', async () => {
    const bodies: string[] = [];
    const collector = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      bodies.push(text);
      response.end('{}');
    });
    collector.listen(0, '127.0.0.1');
    await once(collector, 'listening');
    const otlp = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    const folder = recorded();
    const baseline = join(folder, 'baseline.json');
    const other = { name: 'upload-burst', variant: null, verdicts: ['pass'], numbers: {} };
    const before = { schema: 'hanglab.baseline/1', scenarios: [other] };
    writeFileSync(baseline, JSON.stringify(before));
    const files = ['--baseline', baseline, '--save-baseline', baseline];
    await using run = startCli(['run', SHORT_RUN, '--seed=7', '--otlp', otlp, ...files]);
    const { code, stdout } = await run.exit;
    collector.close();
    // On a busy machine the run may be inconclusive; what it leaves behind is the same.
    expect([0, 2]).toContain(code);
    const verdict = code === 0 ? 'pass' : 'inconclusive';
    expect(stdout).toContain('baseline: short-run: not in the baseline');
    const [time = ''] = readdirSync(join(run.out, 'short-run'));
    const report = join(run.out, 'short-run', time);
    expect(readFileSync(join(report, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/);
    expect(JSON.parse(readFileSync(join(report, 'trace.json'), 'utf8'))).toHaveProperty(
      'traceEvents',
    );
    const suite = readFileSync(join(run.out, 'report.html'), 'utf8');
    expect(suite).toContain(`<title>suite: ${verdict} · hanglab</title>`);
    expect(bodies.join().includes('"name":"hanglab short-run"')).toBe(true);
    const saved = JSON.parse(readFileSync(baseline, 'utf8'));
    // An inconclusive run says nothing about the server, so the baseline stays as it was.
    const names = saved.scenarios.map(({ name }: { name: string }) => name);
    expect(names).toEqual(code === 0 ? ['short-run', 'upload-burst'] : ['upload-burst']);
    expect(readdirSync(report).filter((name) => name.endsWith('.part'))).toEqual([]);
    expect(run.leftovers()).toEqual([]);
  });

  it('says what is wrong with the files and addresses before anything starts', async () => {
    const folder = recorded();
    const verdict = join(folder, 'verdict.json');
    const args = ['--otlp', 'ftp://x', '--baseline', '/nowhere.json', '--save-baseline', verdict];
    const { code, stderr } = await cli(['run', ALWAYS_FAILS, ...args]);
    expect(code).toBe(3);
    expect(stderr).toContain('--otlp ftp://x: expected the URL of a collector');
    expect(stderr).toContain('--baseline /nowhere.json: ENOENT');
    expect(stderr).toContain(`--save-baseline ${verdict}: it is no baseline`);
  });

  it('what cannot be written or sent is mentioned, and nothing more', async () => {
    const notes: string[] = [];
    await writeRunReport(recorded(), 'http://127.0.0.1:1', (text) => notes.push(text));
    expect(notes).toEqual([expect.stringMatching(/^--otlp: http:\/\/127.0.0.1:1 did not take/)]);
    await writeRunReport('/nowhere', null, (text) => notes.push(text));
    expect(notes[1]).toMatch(
      /^the page of this run cannot be written: \/nowhere is not the folder/,
    );
  });
});

describe('report', () => {
  it('renders an old run again, and says where', async () => {
    const folder = recorded();
    const { code, stdout } = await cli(['report', folder]);
    expect(code).toBe(0);
    expect(stdout).toBe(`${join(folder, 'report.html')}\n`);
    expect(existsSync(join(folder, 'trace.json'))).toBe(true);
  });

  it('draws the result of compare and of soak', async () => {
    const folder = recorded();
    const { diagnosis, findings } = JSON.parse(readFileSync(join(folder, 'verdict.json'), 'utf8'));
    const side = { verdict: 'fail', findings, diagnosis };
    const scenarios = [{ name: 'upload-burst', outcome: 'broken', a: null, b: side }];
    const compare = { schema: 'hanglab.compare/1', a: '1.0', b: '1.1', scenarios };
    writeFileSync(join(folder, 'compare.json'), JSON.stringify(compare));
    const { code, stdout } = await cli(['report', join(folder, 'compare.json')]);
    expect(code).toBe(0);
    expect(readFileSync(stdout.trim(), 'utf8')).toContain('<title>compare 1.0 and 1.1');
    rmSync(join(folder, 'scenario.json'));
    rmSync(join(folder, 'compare.json'));
    const soak = { schema: 'hanglab.soak/1', verdict: 'flat', resources: [] };
    writeFileSync(join(folder, 'verdict.json'), JSON.stringify(soak));
    const ofSoak = await cli(['report', folder]);
    expect(readFileSync(ofSoak.stdout.trim(), 'utf8')).toContain('<title>soak: flat');
  });

  it.each([
    [['nowhere'], 'there is no run at nowhere'],
    [[], 'there is no run at reports/latest; `hanglab run` makes one'],
    [['.'], 'expected the folder of a run, or one with runs in it'],
    [['serve'], 'no run is in progress below reports'],
    [['serve', '--port', 'x'], '--port x: expected a whole number'],
  ])('%j says what is missing, and what to do', async (args, message) => {
    const { code, stderr } = await cli(['report', ...args]);
    expect(code).toBe(3);
    expect(stderr).toContain(message);
  });

  it('serve gives an address with a token, and ends with Ctrl-C', async () => {
    const folder = recorded();
    await using served = startCli(['report', 'serve', folder]);
    await served.said('until Ctrl-C');
    const [url = ''] = served.text().split('\n');
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\da-f]{32}\/$/);
    expect((await fetch(url)).status).toBe(200);
    served.send('SIGINT');
    expect((await served.exit).code).toBe(0);
    expect(served.leftovers()).toEqual([]);
  });
});
