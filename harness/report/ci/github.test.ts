import { describe, expect, it } from 'vitest';
import { diagnosis, entry, finding } from '../../testing/entries.ts';
import type { ReportedRun } from '../reported-run.ts';
import type { RunEntry } from '../run-json.ts';
import { annotations, jobSummary } from './github.ts';
import type { KnownFailure } from './known-failures.ts';

const REPRO = 'npx hanglab run upload-burst --seed 7';
const run = (entry: RunEntry, file: string | null = null): ReportedRun => ({
  entry,
  file,
  repro: REPRO,
});
const GONE: KnownFailure = {
  ...{ scenario: 'upload-burst', defect: null, check: 'health', reason: '#12', at: 'known.txt:3' },
};

/** Reads a line as the runner does. */
function read(line: string) {
  const [, level, properties = '', message = ''] = /^::(\w+) (.*?)::(.*)$/.exec(line) ?? [];
  const decode = (text: string): string =>
    text
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%25', '%');
  return {
    level,
    ...Object.fromEntries(properties.split(',').map((pair) => pair.split('=').map(decode))),
    message: decode(message),
  };
}

describe('annotations', () => {
  it('are one error for a run that failed, with its checks, diagnosis and command', () => {
    const findings = [
      finding(),
      finding({ check: 'health', message: 'slow: 5 s, 100 %\nand more' }),
      finding({ check: 'harness-trusted', verdict: 'inconclusive' }),
    ];
    const found = entry({ findings, diagnosis: diagnosis('All wait, %2C is no comma.') });
    const lines = annotations([run(found, 'scenarios/a,b.ts')]);
    expect(lines.map(read)).toEqual([
      {
        level: 'error',
        file: 'scenarios/a,b.ts',
        title: 'upload-burst + longer-timeout: progress, health',
        message: [
          'progress: nothing was finished',
          'health: slow: 5 s, 100 %\nand more',
          'diagnosis: All wait, %2C is no comma.',
          `run it again: ${REPRO}`,
        ].join('\n'),
      },
    ]);
    expect(lines[0]).not.toContain('\n');
  });

  it('are a warning for one that was inconclusive, a notice for known failures, nothing for a pass', () => {
    const unsure = entry({
      verdict: 'inconclusive',
      findings: [finding({ check: 'harness-trusted', verdict: 'inconclusive' })],
    });
    const known = entry({ verdict: 'pass', findings: [finding({ known: 'see #12' })] });
    const fine = entry({ verdict: 'pass', findings: [finding({ verdict: 'pass' })] });
    const skipped = { name: 'fd-limit', skipped: 'no' };
    const lines = annotations([run(unsure), run(known), run(fine), run(skipped)]).map(read);
    expect(lines).toMatchObject([
      { level: 'warning', title: 'upload-burst + longer-timeout 1/3: harness-trusted' },
      { level: 'notice', message: expect.stringContaining('(known: see #12)') },
    ]);
  });

  it('name no file that GitHub cannot show', () => {
    for (const file of ['../elsewhere.ts', 'node_modules/hanglab/scenarios/a.ts', null])
      expect(read(annotations([run(entry(), file)])[0] ?? '')).not.toHaveProperty('file');
  });

  it('warn of a known failure whose line can go', () => {
    expect(annotations([], [GONE]).map(read)).toMatchObject([
      { level: 'warning', message: expect.stringContaining('remove the line known.txt:3') },
    ]);
  });
});

describe('jobSummary', () => {
  it('is a table with a row a run, whatever the messages hold', () => {
    const message = 'a | b\n<c>';
    const text = jobSummary(
      'fail',
      [
        run(entry({ findings: [finding({ message })], diagnosis: diagnosis('All wait.') })),
        run(entry({ verdict: 'pass', findings: [finding({ known: 'see #12' })] })),
        run({ name: 'fd-limit', skipped: 'it cannot restart' }),
      ],
      [GONE],
    );
    const rows = text.split('\n').filter((line) => line.startsWith('| '));
    expect(rows).toEqual([
      '| scenario | verdict | what was found | time |',
      `| upload-burst + longer-timeout 1/2 | ✖ fail | **progress** a \\| b &lt;c\\> (5 s, limit 2 s)<br>**diagnosis** All wait.<br>\`${REPRO}\` | 1.2 s |`,
      '| upload-burst + longer-timeout 2/2 | ✔ pass | **progress** nothing was finished (5 s, limit 2 s) (known: see #12) | 1.2 s |',
      '| fd-limit | skipped | it cannot restart |  |',
    ]);
    expect(text).toContain('### hanglab: fail\n');
    expect(text).toContain('remove the line known.txt:3');
  });
});
