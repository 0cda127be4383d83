/** The page of `hanglab.soak/1`. */
import { version } from '../../platform/version.ts';
import type { SoakPage } from '../page/result-data.ts';

/** What `soak --json` prints, as far as the page shows it. */
export interface SoakJson {
  schema: 'hanglab.soak/1';
  verdict: string;
  target?: string;
  scenarios?: readonly string[];
  failure?: { message: string } | null;
  notes?: readonly string[];
  rounds?: readonly { atMs: number; kind: string; operations: number }[];
  resources: readonly {
    name: string;
    verdict: string;
    sentence?: string;
    unit?: string;
    evidence?: readonly string[] | string;
    values?: readonly (number | null)[];
  }[];
}

export function soakPage(soak: SoakJson): SoakPage {
  const {
    verdict,
    target = '',
    scenarios = [],
    failure,
    notes = [],
    rounds = [],
    resources,
  } = soak;
  return {
    ...{ schema: 'hanglab.page/1', kind: 'soak', hanglab: version(), verdict, target },
    writtenAt: new Date().toISOString(),
    title: `soak: ${verdict}`,
    scenarios: [...scenarios],
    failure: failure?.message ?? null,
    notes: [...notes],
    rounds: rounds.map(({ atMs, kind, operations }) => ({ atMs, kind, operations })),
    resources: resources.map((resource) => ({
      ...{ name: resource.name, verdict: resource.verdict, sentence: resource.sentence ?? '' },
      unit: resource.unit ?? '',
      evidence: [resource.evidence ?? []].flat(),
      values: [...(resource.values ?? [])],
    })),
  };
}
