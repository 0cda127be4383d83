/** What a person reads when two versions have been compared. */
import Table from 'cli-table3';
import { type ComparedScenario, overall, typicalRun } from '../../compare/compared.ts';
import type { Comparison } from '../../compare/comparison-json.ts';
import type { Outcome } from '../../compare/decide.ts';
import { detailTexts, outcomeText } from '../../compare/wording.ts';
import { displayPath } from '../../platform/display-path.ts';
import type { Output } from '../shared/output.ts';
import { wrapped } from '../shared/wrap.ts';

const STYLE = {
  fixed: 'green',
  broken: 'red',
  same: 'gray',
  'both fail': 'red',
  undecided: 'yellow',
} as const satisfies Record<Outcome, string>;

export function outcomeLine(compared: ComparedScenario): string {
  return `${compared.name}: ${outcomeText(compared)}; ${compared.because}`;
}

/** @param file of the Markdown report. */
export function comparisonText(comparison: Comparison, file: string, out: Output): string {
  const { names, scenarios } = comparison;
  const table = new Table({
    head: ['scenario', `a: ${names.a}`, `b: ${names.b}`, 'outcome'],
    style: { head: [], border: [] },
  });
  for (const compared of scenarios) {
    const [a, b] = (['a', 'b'] as const).map((side) => typicalRun(compared, side)?.verdict ?? '');
    const outcome = out.paint(STYLE[compared.outcome], outcomeText(compared));
    table.push([compared.name, a, b, outcome]);
  }
  const details = scenarios.flatMap((compared) => {
    const texts = detailTexts(compared);
    if (texts.length < 2) return [];
    return [
      out.paint('bold', `${compared.name}: ${outcomeText(compared)}`),
      ...texts.map((text) => wrapped(`  ${text}`, out.stream, '    ')),
    ];
  });
  const counts = [...Map.groupBy(scenarios, ({ outcome }) => outcome)].map(
    ([outcome, same]) => `${same.length} ${outcome}`,
  );
  const lines = [
    ...(scenarios.length > 0 ? [table.toString()] : []),
    ...details,
    `${overall(scenarios)}: ${counts.join(', ') || 'everything was skipped'}`,
    `report ${displayPath(file)}`,
  ];
  return lines.join('\n');
}
