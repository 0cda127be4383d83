/** The page of `hanglab.soak/1`. */
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import type { SoakPage } from '../page/result-data.ts';
import { version } from '../version.ts';

/** What `soak --json` prints, as far as the page shows it. */
export interface SoakJson {
  schema: 'hanglab.soak/1';
  verdict: string;
  target?: string;
  runtime?: string;
  scenarios?: readonly string[];
  totals?: { operations: number; tookMs: number; failed: number };
  failure?: { message: string; diagnosis?: Pick<Diagnosis, 'sentence'> | null } | null;
  notes?: readonly string[];
  rounds?: readonly { atMs: number; kind: string; operations: number }[];
  resources: readonly {
    name: string;
    verdict: string;
    sentence?: string;
    unit?: string;
    evidence?: readonly string[];
    values?: readonly (number | null)[];
  }[];
}

export function soakPage(soak: SoakJson): SoakPage {
  const { verdict, target = '', runtime = '', failure, totals, resources } = soak;
  const { scenarios = [], notes = [], rounds = [] } = soak;
  return {
    ...{ schema: 'hanglab.page/1', kind: 'soak', hanglab: version(), verdict, target, runtime },
    writtenAt: new Date().toISOString(),
    title: `soak: ${verdict}`,
    scenarios: [...scenarios],
    operations: totals?.operations ?? rounds.reduce((sum, round) => sum + round.operations, 0),
    tookMs: totals?.tookMs ?? rounds.at(-1)?.atMs ?? 0,
    failed: totals?.failed ?? 0,
    failure: failure
      ? { message: failure.message, cause: failure.diagnosis?.sentence ?? null }
      : null,
    notes: [...notes],
    rounds: rounds.map(({ kind }) => ({ kind })),
    resources: resources.map((resource) => ({
      ...{ name: resource.name, verdict: resource.verdict, sentence: resource.sentence ?? '' },
      unit: resource.unit ?? '',
      evidence: [...(resource.evidence ?? [])],
      values: [...(resource.values ?? [])],
    })),
  };
}
