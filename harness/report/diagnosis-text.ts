/** A diagnosis for a person: the sentence first, then where, who holds it, and why. */

import type { Diagnosis, Where } from '../diagnosis/diagnosis.ts';
import { named } from '../diagnosis/wording/frame.ts';
import { formatMs } from '../platform/duration.ts';

const MAX_PLACES = 6;
const MAX_FRAMES = 6;

export function diagnosisText(diagnosis: Diagnosis): string {
  const { code, sentence, decided, where, holder, evidence, ruledOut, costMs } = diagnosis;
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
  return [
    `${decided ? code : `undecided (${code}, as far as can be seen)`}: ${sentence}`,
    ...section('where', where.slice(0, MAX_PLACES).flatMap(placeLines)),
    ...section('who could end it', holder ? [holder.sentence] : []),
    ...section('evidence', evidence),
    ...section(
      'ruled out',
      ruledOut.map(({ code: other, because }) => `${other}: ${because}`),
    ),
    '',
    `looked for ${formatMs(costMs.total)}, of which the process stood still for ${formatMs(costMs.frozen)}`,
  ].join('\n');
}

function placeLines(place: Where): string[] {
  const age = place.ageMs === null ? '' : `, the oldest for ${formatMs(place.ageMs)}`;
  // Only JavaScript's places have one.
  const column = place.column > 0 ? `:${place.column}` : '';
  const standsAt = place.isBegin ? `in ${place.function}, which begins at` : `at ${place.function}`;
  const frames = place.chain.slice(0, MAX_FRAMES);
  return [
    `${place.count} ${standsAt} ${place.file}:${place.line}${column}${age}`,
    ...(place.waitsFor ? [`  waits for ${place.waitsFor}`] : []),
    ...(frames.length > 1 ? [`  by way of ${frames.map(named).join(' → ')}`] : []),
    ...(place.locals.length > 0
      ? [`  with ${place.locals.map(({ name, value }) => `${name} = ${value}`).join(', ')}`]
      : []),
  ];
}
