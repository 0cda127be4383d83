/** The page of `hanglab.matrix/1`. */
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import type { PageVerdict } from '../page/page-data.ts';
import type { MatrixPage } from '../page/result-data.ts';
import { version } from '../version.ts';

/** What `matrix --json` prints. */
export interface MatrixJson {
  schema: 'hanglab.matrix/1';
  verdict: PageVerdict;
  rows: readonly {
    defect: string;
    scenario: string;
    expected: string;
    result: string;
    caughtBy: readonly string[];
    marginTimes: number;
    timeToVerdictMs: number;
    diagnosis: Diagnosis | null;
    isNamed: boolean | null;
    proposedFix?: boolean;
  }[];
  healthy: readonly { scenario: string; verdict: PageVerdict }[];
}

export function matrixPage({ verdict, rows, healthy }: MatrixJson): MatrixPage {
  return {
    ...{ schema: 'hanglab.page/1', kind: 'matrix', hanglab: version(), verdict },
    writtenAt: new Date().toISOString(),
    title: `matrix: ${verdict}`,
    rows: rows.map((row) => ({
      ...{ variant: row.defect, scenario: row.scenario, expected: row.expected },
      ...{ result: row.result, caughtBy: [...row.caughtBy], marginTimes: row.marginTimes },
      ...{ timeToVerdictMs: row.timeToVerdictMs, isNamed: row.isNamed },
      diagnosis: row.diagnosis?.code ?? null,
      sentence: row.diagnosis?.sentence ?? null,
      proposedFix: row.proposedFix ?? false,
    })),
    healthy: [...healthy],
  };
}
