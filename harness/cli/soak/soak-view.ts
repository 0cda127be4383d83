/** What a person sees of a soak: a line for each round, and the verdict of each resource at the end. */
import { formatMs } from '../../platform/duration.ts';
import { plural } from '../../platform/plural.ts';
import { about, amount, short, whole } from '../../soak/report/numbers.ts';
import type { ResourceJson, SoakJson } from '../../soak/report/soak-json.ts';
import { isStill } from '../../soak/report/summary.ts';
import { measured, type RoundRecord } from '../../soak/rounds/record.ts';
import type { SoakSettings } from '../../soak/run-soak.ts';
import { DOUBLE_ROUNDS } from '../../soak/statistics/round-sizes.ts';
import type { Output } from '../shared/output.ts';

const NAMES_SHOWN = ['threads', 'children', 'tasks', 'goroutines', 'heap', 'memory'];
const MOST_GROWING = 3;

/** `round 3 of 8: 2,000 requests in 4.1 s · fds 12 · threads 11 · memory 61 MB · grows: fds: file` */
export function roundLine(
  record: RoundRecord,
  records: readonly RoundRecord[],
  soak: SoakJson,
  { plan }: Pick<SoakSettings, 'plan'>,
): string {
  const { kind, work, values, rest } = record;
  const place = placeOf(record, records, plan.rounds);
  const did = work
    ? `${plural(work.operations, 'request').replace(String(work.operations), whole(work.operations))} in ${formatMs(work.tookMs)}, p50 ${formatMs(work.p50Ms)}`
    : 'at rest';
  const fds = Object.entries(values).filter(([name]) => name.startsWith('fds: '));
  const counts = [
    `fds ${fds.reduce((sum, [, count]) => sum + count, 0)}`,
    ...NAMES_SHOWN.flatMap((name) => {
      const value = values[name];
      if (value === undefined || (value === 0 && name !== 'threads')) return [];
      return [
        `${name} ${amount(value, name === 'heap' || name === 'memory' ? 'bytes' : 'things')}`,
      ];
    }),
  ];
  const growing = work === null || kind === 'warmup' ? [] : growingIn(soak);
  return [
    `${place}: ${did}`,
    ...counts,
    ...(rest.isStill ? [] : ['did not come to rest']),
    ...(growing.length > 0 ? [`grows: ${growing.join(', ')}`] : []),
  ].join(' · ');
}

function placeOf(record: RoundRecord, records: readonly RoundRecord[], rounds: number): string {
  const number = records.filter(({ kind }) => kind === record.kind).length;
  switch (record.kind) {
    case 'warmup':
      return 'warmup';
    case 'idle':
      return 'no work';
    case 'late':
      return 'a while later';
    case 'single':
      return `round ${number} of ${rounds}`;
    case 'double':
      return `round ${number} of ${DOUBLE_ROUNDS} with twice the work`;
  }
}

/** As far as it looks now: in the first rounds nothing can be said. */
function growingIn({ resources, totals }: SoakJson): string[] {
  if (totals.rounds < MOST_GROWING) return [];
  return resources
    .filter(({ verdict, doubt }) => verdict === 'leak' || doubt === 'not-confirmed')
    .slice(0, MOST_GROWING)
    .map(({ name }) => name);
}

const STYLES = { flat: 'green', leak: 'red', undecided: 'yellow', failed: 'red' } as const;
const NAME_WIDTH = 24;

export function verdictLines(soak: SoakJson, folder: string, out: Output): string[] {
  const { resources, totals, failure, notes, verdict } = soak;
  const told = resources.filter((each) => !isStill(each));
  const still = resources.filter(isStill);
  return [
    '',
    ...told.flatMap((each) => resourceLines(each, out)),
    ...(still.length > 0 ? [`  did not move: ${still.map(({ name }) => name).join(', ')}`] : []),
    ...notes.map((note) => `  note: ${note}`),
    ...(failure ? [`  ${failure.message}`] : []),
    ...(failure?.diagnosis ? [`  ${failure.diagnosis.sentence}`] : []),
    '',
    `${out.paint(STYLES[verdict], verdict)}: ${whole(totals.rounds)} rounds, ${whole(totals.operations)} requests (${short(totals.operationsPerSecond)} a second) in ${about(totals.tookMs)}; ${folder}`,
  ];
}

function resourceLines({ name, verdict, sentence, evidence }: ResourceJson, out: Output): string[] {
  return [
    `  ${name.padEnd(NAME_WIDTH)} ${out.paint(STYLES[verdict], verdict)}  ${sentence}`,
    ...(verdict === 'leak' ? evidence.map((line) => `${' '.repeat(NAME_WIDTH + 3)}${line}`) : []),
  ];
}

export function requestsSoFar(records: readonly RoundRecord[]): number {
  return measured(records).reduce((sum, { work }) => sum + work.operations, 0);
}
