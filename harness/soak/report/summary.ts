/** `summary.md`: the verdict over all resources, for a person or a pull request. */
import { diagnosisText } from '../../report/diagnosis-text.ts';
import { cell, fence } from '../../report/markdown.ts';
import { about, whole } from './numbers.ts';
import type { ResourceJson, SoakJson } from './soak-json.ts';

export function summaryMarkdown(soak: SoakJson, command: string): string {
  const { verdict, target, scenarios, totals, resources, failure, notes } = soak;
  const told = resources.filter((each) => !isStill(each));
  const still = resources.filter(isStill);
  const what = scenarios.length === 0 ? 'the healthy mix' : scenarios.join(', ');
  return [
    `# Soak of ${cell(target)}: ${verdict}`,
    '',
    `${whole(totals.rounds)} rounds of ${cell(what)}, ${whole(totals.operations)} requests in ${about(totals.tookMs)}.`,
    ...(failure ? ['', `**${cell(failure.message)}**`] : []),
    '',
    '| resource | verdict | |',
    '|---|---|---|',
    ...told.map((each) => `| ${[each.name, each.verdict, each.sentence].map(cell).join(' | ')} |`),
    ...(still.length > 0
      ? ['', `Did not move: ${still.map(({ name }) => cell(name)).join(', ')}.`]
      : []),
    ...told.filter(({ evidence }) => evidence.length > 0).flatMap(evidenceLines),
    ...(failure?.diagnosis ? ['', ...fence(diagnosisText(failure.diagnosis))] : []),
    ...(notes.length > 0 ? ['', ...notes.map((note) => `- ${cell(note)}`)] : []),
    '',
    'Run it again:',
    '',
    ...fence(command),
    '',
    'Beside this file: `verdict.json` (`hanglab.soak/1`), `rounds.ndjson` (every round), `target.log`.',
    '',
  ].join('\n');
}

/** Flat, and without anything to say of it. */
export function isStill({ verdict, shape, first, last }: ResourceJson): boolean {
  return verdict === 'flat' && shape === 'still' && first === last;
}

function evidenceLines({ name, evidence }: ResourceJson): string[] {
  return ['', `What grew of ${cell(name)}:`, '', ...evidence.map((line) => `- ${cell(line)}`)];
}
