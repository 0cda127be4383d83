/** `hanglab.compare/1`: what `compare --json` prints. */
import { displayPath } from '../platform/display-path.ts';
import { findingJson } from '../report/run-json.ts';
import { type ComparedScenario, overall, typicalRun } from './compared.ts';
import type { Side } from './side-run.ts';

export interface Comparison {
  /** The names of the two versions: `a` is the old one. */
  names: Readonly<Record<Side, string>>;
  target: string;
  seed: number;
  scenarios: readonly ComparedScenario[];
  skipped: readonly { name: string; skipped: string }[];
}

export function comparisonJson({ names, target, seed, scenarios, skipped }: Comparison): unknown {
  return {
    schema: 'hanglab.compare/1',
    target,
    a: names.a,
    b: names.b,
    outcome: overall(scenarios),
    seed,
    scenarios: scenarios.map(scenarioJson),
    skipped,
  };
}

function scenarioJson(compared: ComparedScenario): unknown {
  const { name, outcome, because, places, numbers, pairs } = compared;
  return {
    ...{ name, outcome, because, places, numbers, pairs: pairs.length },
    a: sideJson(compared, 'a'),
    b: sideJson(compared, 'b'),
  };
}

function sideJson(compared: ComparedScenario, side: Side): unknown {
  const run = typicalRun(compared, side);
  return {
    verdict: run?.verdict ?? 'inconclusive',
    findings: run?.findings.map(findingJson) ?? [],
    diagnosis: run?.diagnosis ?? null,
    outage: compared.outages[side],
    runs: compared.pairs.map((pair) => {
      const { verdict, durationMs, measures, reportFolder } = pair[side];
      return { verdict, durationMs, measures, report: reportFolder && displayPath(reportFolder) };
    }),
  };
}
