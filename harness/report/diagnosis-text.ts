/** A diagnosis for a person: the sentence first, then where, who holds it, and why. */

import type { Diagnosis, Where } from '../diagnosis/diagnosis.ts';
import { frameLabel } from '../diagnosis/wording/frame.ts';
import { formatMs } from '../platform/duration.ts';

const MAX_PLACES = 6;
const MAX_FRAMES = 6;

export function diagnosisText(diagnosis: Diagnosis): string {
  const { code, sentence, decided, where, holder, evidence, ruledOut, costMs } = diagnosis;
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
  return [
    `${decided ? code : headline(code)}: ${sentence}`,
    ...section('where', where.slice(0, MAX_PLACES).flatMap(placeLines)),
    ...section('who could unblock it', holder ? [holder.sentence] : []),
    ...section('what usually helps', diagnosis.helps ? [diagnosis.helps] : []),
    ...section('evidence', evidence),
    ...section(
      'ruled out',
      ruledOut.map(({ code: other, because }) => `${other}: ${because}`),
    ),
    '',
    `diagnosis took ${formatMs(costMs.total)}; the process was paused for ${formatMs(costMs.frozen)}`,
  ].join('\n');
}

/** `waiting` and `undecided` say by themselves that it is not decided. */
function headline(code: Diagnosis['code']): string {
  return code === 'waiting' || code === 'undecided'
    ? code
    : `undecided (${code}, as far as can be seen)`;
}

function placeLines(place: Where): string[] {
  const age = place.ageMs === null ? '' : `, the oldest for ${formatMs(place.ageMs)}`;
  // Only JavaScript's places have one.
  const column = place.column > 0 ? `:${place.column}` : '';
  const at = place.isBegin ? `in ${place.function}, which begins at` : `at ${place.function}`;
  const frames = place.chain.slice(0, MAX_FRAMES);
  return [
    `${place.count} ${at} ${place.file}:${place.line}${column}${age}`,
    ...(place.waitsFor ? [`  waits for ${place.waitsFor}`] : []),
    ...(frames.length > 1 ? [`  by way of ${frames.map(frameLabel).join(' → ')}`] : []),
    ...(place.locals.length > 0
      ? [`  with ${place.locals.map(({ name, value }) => `${name} = ${value}`).join(', ')}`]
      : []),
  ];
}
