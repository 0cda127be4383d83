/** `compare.md`: a table of the scenarios, and what is known of each that is not the same. */
import { cell } from '../report/markdown.ts';
import { typicalRun } from './compared.ts';
import type { Comparison } from './comparison-json.ts';
import { detailTexts, outcomeText } from './wording.ts';

export function comparisonMarkdown({
  names,
  target,
  seed,
  scenarios,
  skipped,
}: Comparison): string {
  const rows = scenarios.map((compared) => {
    const verdicts = (['a', 'b'] as const).map((side) => typicalRun(compared, side)?.verdict ?? '');
    const cells = [compared.name, ...verdicts, outcomeText(compared), compared.because];
    return `| ${cells.map(cell).join(' | ')} |`;
  });
  const told = scenarios.filter((compared) => detailTexts(compared).length > 1);
  return [
    `# ${cell(target)}: ${cell(names.a)} compared with ${cell(names.b)}`,
    '',
    `a is ${cell(names.a)}, the old one; b is ${cell(names.b)}, the new one.`,
    '',
    '| scenario | a | b | outcome | seen |',
    '|---|---|---|---|---|',
    ...rows,
    ...told.flatMap((compared) => [
      '',
      `**${cell(compared.name)}**: ${cell(outcomeText(compared))}`,
      '',
      ...detailTexts(compared).map((text) => `- ${cell(text)}`),
    ]),
    ...(skipped.length > 0 ? ['', 'Skipped:', ''] : []),
    ...skipped.map(({ name, skipped: why }) => `- ${cell(name)}: ${cell(why)}`),
    '',
    `Seed ${seed}. Runs alternate (a b b a), each in a fresh process; both runs of a pair have the same seed.`,
    '',
  ].join('\n');
}
