import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { entry, finding } from '../../testing/entries.ts';
import { type KnownFailure, markKnown, passingNow, readKnownFailures } from './known-failures.ts';

const folder = mkdtempSync(join(tmpdir(), 'known-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const FILE = join(folder, 'known.txt');
const NAMES = { scenarios: ['upload-burst', 'llm-slow'], defects: ['longer-timeout'] };

function read(text: string): { known: KnownFailure[]; problems: string[] } {
  writeFileSync(FILE, text);
  const problems: string[] = [];
  const known = readKnownFailures(FILE, NAMES, (problem) => problems.push(problem));
  return { known, problems: problems.map((problem) => problem.replace(`${FILE}:`, '')) };
}

const known = (changes: Partial<KnownFailure> = {}): KnownFailure => ({
  ...{ scenario: 'upload-burst', defect: 'longer-timeout', check: 'progress' },
  ...{ reason: '#12', at: 'known.txt:1', ...changes },
});

describe('the file', () => {
  it('has a failure a line, with its reason; comments and empty lines are nothing', () => {
    const { known, problems } = read(
      '# all of #7\n\nupload-burst progress  # see #7\n  upload-burst+longer-timeout  health # slow\r\n',
    );
    expect(problems).toEqual([]);
    expect(known).toEqual([
      {
        scenario: 'upload-burst',
        defect: null,
        check: 'progress',
        reason: 'see #7',
        at: `${FILE}:3`,
      },
      {
        ...{ scenario: 'upload-burst', defect: 'longer-timeout', check: 'health' },
        ...{ reason: 'slow', at: `${FILE}:4` },
      },
    ]);
  });

  it('says everything that is wrong at once, with line and nearest name', () => {
    const { problems } = read(
      [
        'upload-brust progress # x',
        'upload-burst + longer-timeouts progres # x',
        'upload-burst',
        'upload-burst progress',
        'llm-slow health # x',
        'llm-slow   health # y',
      ].join('\n'),
    );
    expect(problems).toEqual([
      '1: there is no scenario "upload-brust". Did you mean "upload-burst"?',
      '2: there is no defect "longer-timeouts". Did you mean "longer-timeout"?',
      '2: there is no check "progres". Did you mean "progress"?',
      expect.stringMatching(/^3: expected `scenario check {2}# reason`/),
      '4: a known failure needs its reason, after a #',
      expect.stringMatching(/^6: the same failure stands at .*:5$/),
    ]);
  });

  it('that cannot be read is a problem like any other', () => {
    const problems: string[] = [];
    readKnownFailures(join(folder, 'none'), NAMES, (problem) => problems.push(problem));
    expect(problems).toEqual([expect.stringMatching(/^--known-failures .*none: ENOENT/)]);
  });
});

describe('markKnown', () => {
  it('keeps the finding, gives it its reason, and does not count it', () => {
    const marked = markKnown(entry(), [known()]);
    expect(marked.findings).toEqual([finding({ known: '#12' })]);
    expect(marked.verdict).toBe('pass');
  });

  it('still counts the failures that are not known', () => {
    const findings = [finding(), finding({ check: 'health' })];
    expect(markKnown(entry({ findings }), [known()])).toMatchObject({ verdict: 'fail' });
  });

  it.each([
    ['another check', known({ check: 'health' })],
    ['another scenario', known({ scenario: 'llm-slow' })],
    ['no defect', known({ defect: null })],
  ])('is not about %s', (_, other) => {
    expect(markKnown(entry(), [other])).toEqual(entry());
  });

  it('leaves an inconclusive run inconclusive', () => {
    const findings = [finding(), finding({ check: 'harness-trusted', verdict: 'inconclusive' })];
    expect(markKnown(entry({ findings }), [known()]).verdict).toBe('inconclusive');
  });
});

describe('passingNow', () => {
  const passes = entry({ findings: [finding({ verdict: 'pass' })] });

  it('names what was judged and passed', () => {
    expect(passingNow([passes, passes], [known(), known({ check: 'health' })])).toEqual([known()]);
  });

  it.each([
    'fail',
    'inconclusive',
    'not-reached',
  ] as const)('is silent when one run was %s', (verdict) => {
    const other = entry({ findings: [finding({ verdict })] });
    expect(passingNow([passes, other], [known()])).toEqual([]);
  });
});
