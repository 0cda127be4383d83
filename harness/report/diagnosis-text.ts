/** A diagnosis for a person: the sentence first, then where, with the source, who holds it, and why. */
import type { Diagnosis, Frame, Where } from '../diagnosis/diagnosis.ts';
import { formatMs } from '../platform/duration.ts';
import { plainText } from '../platform/plain-text.ts';
import { excerptText } from './excerpt-text.ts';
import type { Excerpt } from './page/page-data.ts';
import { PLAIN, type TextLook, wrapTo } from './text-look.ts';

const MAX_PLACES = 6;
const MAX_FRAMES = 6;

/** @param excerpts the source around its places, as far as it could be read. */
export function diagnosisText(
  diagnosis: Diagnosis,
  look: TextLook = PLAIN,
  excerpts: readonly Excerpt[] = [],
): string {
  const { code, decided, where, holder, evidence, ruledOut, costMs } = diagnosis;
  const head = decided ? code : headline(code);
  const sentence = `${look.paint(decided ? 'red' : 'yellow', head)}: ${bold(look, diagnosis.sentence)}`;
  return [
    wrapTo(look, sentence, 2),
    ...where.slice(0, MAX_PLACES).flatMap((place) => ['', ...placeLines(place, look, excerpts)]),
    ...section('who could unblock it', holder ? [holder.sentence] : [], look),
    ...section('what usually helps', diagnosis.helps ? [diagnosis.helps] : [], look),
    ...section('evidence', evidence, look),
    ...section(
      'ruled out',
      ruledOut.map(({ code: other, because }) => `${other}: ${because}`),
      look,
    ),
    '',
    look.paint(
      'gray',
      `diagnosis took ${formatMs(costMs.total)}; the process was paused for ${formatMs(costMs.frozen)}`,
    ),
  ].join('\n');
}

/** `waiting` and `undecided` say by themselves that it is not decided. */
function headline(code: Diagnosis['code']): string {
  return code === 'waiting' || code === 'undecided'
    ? code
    : `undecided (${code}, as far as can be seen)`;
}

function section(title: string, lines: readonly string[], look: TextLook): string[] {
  if (lines.length === 0) return [];
  const shown = lines.map((line) => `  ${wrapTo(look, plainText(line), 4)}`);
  return ['', look.paint('bold', title), ...shown];
}

function placeLines(place: Where, look: TextLook, excerpts: readonly Excerpt[]): string[] {
  const { count, ageMs, waitsFor, chain, locals } = place;
  const excerpt = excerpts.find(({ file, line }) => file === place.file && line === place.line);
  const age = ageMs === null ? '' : `, the oldest for ${formatMs(ageMs)}`;
  const begins = place.isBegin ? ', which begins here' : '';
  const head = `${look.paint('cyan', '-->')} ${placeOf(place)} ${bold(look, place.function)}${begins}`;
  const remark = waitsFor === '' ? 'stands here' : `waits for ${waitsFor}`;
  const callers = chain.slice(0, -1).slice(-MAX_FRAMES).map(frameText).reverse();
  return [
    wrapTo(look, `${head}: ${count} waiting${age}`, 4),
    ...(excerpt
      ? excerptText(excerpt, { look, remark })
      : [`  ${wrapTo(look, plainText(remark), 4)}`]),
    ...(callers.length > 0 ? [keyLine('called by', callers.join(', called by '), look)] : []),
    ...(locals.length > 0
      ? [keyLine('with', locals.map(({ name, value }) => `${name} = ${value}`).join(', '), look)]
      : []),
  ];
}

function keyLine(key: string, text: string, look: TextLook): string {
  return `  ${wrapTo(look, `${look.paint('gray', key)} ${plainText(text)}`, 4)}`;
}

function frameText({ function: name, file, line, isBegin }: Frame): string {
  return `${name} (${isBegin ? 'begins at ' : ''}${file}:${line})`;
}

/** Only JavaScript's places have a column. */
function placeOf({ file, line, column }: Where): string {
  return plainText(`${file}:${line}${column > 0 ? `:${column}` : ''}`);
}

function bold(look: TextLook, text: string): string {
  return look.paint('bold', plainText(text));
}
