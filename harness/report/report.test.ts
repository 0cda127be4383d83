/** What is written about a run, for programs and for people. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { entry, finding, SETTINGS } from '../testing/entries.ts';
import { runJson, verdictOf } from './run-json.ts';
import { summaryMarkdown } from './summary.ts';
import { writeAborted, writeStart, writeVerdict } from './write.ts';

const folder = mkdtempSync(join(tmpdir(), 'report-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const SKIPPED = { name: 'fd-limit', skipped: 'the target cannot restart' };

describe('hanglab.run/1', () => {
  it('has the fields that are promised, and nothing of the history', () => {
    const json = runJson([entry(), SKIPPED], 7, { provider: 'embedded', version: '2.12.0' });
    expect(JSON.parse(JSON.stringify(json))).toEqual({
      schema: 'hanglab.run/1',
      verdict: 'fail',
      seed: 7,
      toxiproxy: { provider: 'embedded', version: '2.12.0' },
      scenarios: [
        {
          name: 'upload-burst',
          defect: 'longer-timeout',
          verdict: 'fail',
          durationMs: 1234,
          findings: [
            {
              check: 'progress',
              verdict: 'fail',
              phase: 'fault',
              message: 'nothing was finished',
              measured: { value: 5000, unit: 'ms' },
              limit: { value: 2000, unit: 'ms' },
            },
          ],
          diagnosis: null,
          report: 'reports/upload-burst/now',
          attempts: 1,
        },
        SKIPPED,
      ],
    });
  });

  it('marks a known failure, and gives its reason', () => {
    const json = runJson([entry({ findings: [finding({ known: 'see #12' })] })], 1, null);
    expect(json).toMatchObject({ scenarios: [{ findings: [{ known: true, reason: 'see #12' }] }] });
  });

  it('shows a figure that is not finite as null', () => {
    const endless = finding({ measured: { value: Number.POSITIVE_INFINITY, unit: 'ms' } });
    const { scenarios } = runJson([entry({ findings: [endless] })], 1, null) as {
      scenarios: { findings: { measured: unknown }[] }[];
    };
    expect(scenarios[0]?.findings[0]?.measured).toBeNull();
  });

  it.each([
    [['pass', 'pass'], 'pass'],
    [['pass', 'inconclusive'], 'inconclusive'],
    [['inconclusive', 'fail', 'pass'], 'fail'],
    [[], 'pass'],
  ] as const)('of %j the verdict is %s', (verdicts, worst) => {
    const entries = verdicts.map((verdict) => entry({ verdict }));
    expect(verdictOf([...entries, SKIPPED])).toBe(worst);
  });
});

describe('summary.md', () => {
  it('shows each finding in one row, whatever its message holds', () => {
    const message = 'a | b <script>\nand "more"';
    const text = summaryMarkdown(entry({ findings: [finding({ message })] }), SETTINGS, 'Why.');
    expect(text).toContain('# upload-burst with defect longer-timeout: fail\n\nWhy.\n');
    expect(text).toContain(
      '| progress | fail | fault | 5 s | 2 s | a \\| b &lt;script\\> and "more" |\n',
    );
    expect(text).toContain('npx hanglab run upload-burst --seed 7 --defect longer-timeout');
    expect(text).toContain('Phases: baseline 1 s · fault 9 s');
  });
});

describe('the report folder', () => {
  it('is written in steps: first what is planned, then the verdict', () => {
    writeStart(folder, SETTINGS, 'Why.');
    expect(JSON.parse(read('scenario.json'))).toMatchObject({ ...SETTINGS, why: 'Why.' });
    expect(statSync(join(folder, 'repro.sh')).mode & 0o777).toBe(0o700);
    expect(read('repro.sh')).toMatch(/^#!\/bin\/sh\n/);
    writeVerdict(entry({ reportFolder: folder }), SETTINGS, 'Why.');
    expect(JSON.parse(read('verdict.json'))).toMatchObject({ verdict: 'fail' });
    expect(read('summary.md')).toContain('nothing was finished');
  });

  it('of a run without a verdict says what ended it', () => {
    writeAborted(folder, 'interrupted');
    expect(JSON.parse(read('verdict.json'))).toEqual({ verdict: null, message: 'interrupted' });
  });
});
