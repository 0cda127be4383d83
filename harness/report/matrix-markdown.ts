/** The matrix as Markdown, for a README or a pull request. */

import type { JudgedRow } from '../matrix/matrix.ts';
import { formatMs } from '../platform/duration.ts';
import type { RunResult } from '../run/run.ts';

export function matrixMarkdown(rows: readonly JudgedRow[], healthy: readonly RunResult[]): string {
  const passed = healthy.filter(({ verdict }) => verdict === 'pass').length;
  return [
    '| defect | scenario | caught by | result | margin | verdict after | diagnosis |',
    '|---|---|---|---|---:|---:|---|',
    ...rows.map((row) => {
      const margin = row.marginTimes >= 100 ? '> 100' : row.marginTimes.toFixed(1);
      const name = row.proposedFix ? `${row.defect} (a proposed fix)` : row.defect;
      const cells = [
        name,
        row.scenario,
        row.expected,
        row.result,
        margin,
        formatMs(row.timeToVerdictMs),
        row.diagnosis?.code ?? '',
      ];
      return `| ${cells.join(' | ')} |`;
    }),
    '',
    `Healthy target: ${passed} of ${healthy.length} scenarios pass.`,
    '',
    'Margin: how many times its limit the defect measured, or how many times the healthy measure goes into the limit, whichever is smaller.',
    '',
  ].join('\n');
}
