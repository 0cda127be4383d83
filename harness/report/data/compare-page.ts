/** The page of `hanglab.compare/1`. */
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import { formatMs } from '../../platform/duration.ts';
import type { ComparePage, CompareRow, CompareSide } from '../page/result-data.ts';
import { version } from '../version.ts';

/** What `compare --json` prints, as far as the page shows it. */
export interface CompareJson {
  schema: 'hanglab.compare/1';
  a: string;
  b: string;
  outcome?: string;
  scenarios: readonly {
    name: string;
    outcome: string;
    because?: string;
    places?: { relation: string; a: string | null; b: string | null } | null;
    numbers?: readonly {
      name: string;
      unit: string;
      a: number;
      b: number;
      withinOneVersion: number;
    }[];
    a?: SideJson | null;
    b?: SideJson | null;
  }[];
  skipped?: readonly { name: string; skipped: string }[];
}

interface SideJson {
  verdict: string;
  findings: readonly { check: string; verdict: string; message: string }[];
  diagnosis: Diagnosis | null;
}

export function comparePage({ a, b, scenarios, skipped = [] }: CompareJson): ComparePage {
  return {
    ...{ schema: 'hanglab.page/1', kind: 'compare', hanglab: version(), a, b },
    writtenAt: new Date().toISOString(),
    title: `compare ${a} and ${b}`,
    rows: scenarios.map(rowOf),
    notes: skipped.map(({ name, skipped: reason }) => `${name} was skipped: ${reason}`),
  };
}

function rowOf(scenario: CompareJson['scenarios'][number]): CompareRow {
  const { name, outcome, because = '', places, numbers = [] } = scenario;
  const { relation, a = null, b = null } = places ?? {};
  return {
    ...{ name, outcome, because, a: sideOf(scenario.a), b: sideOf(scenario.b) },
    moved: relation === 'moved' && a !== null && b !== null ? { a, b } : null,
    numbers: numbers.map((number) => ({
      name: number.name,
      a: inUnit(number.a, number.unit),
      b: inUnit(number.b, number.unit),
      noise: inUnit(number.withinOneVersion, number.unit),
    })),
  };
}

function inUnit(value: number, unit: string): string {
  if (unit === 'ms') return formatMs(value);
  if (unit === 'bytes') return `${(value / 1e6).toFixed(1)} MB`;
  return String(Math.round(value * 100) / 100);
}

function sideOf(side: SideJson | null | undefined): CompareSide | null {
  if (!side) return null;
  const [first] = side.diagnosis?.where ?? [];
  return {
    verdict: side.verdict,
    findings: side.findings
      .filter(({ verdict }) => verdict === 'fail' || verdict === 'inconclusive')
      .map(({ check, verdict, message }) => ({ check, verdict, message })),
    sentence: side.diagnosis?.sentence ?? null,
    place: first ? `${first.file}:${first.line}` : null,
  };
}
