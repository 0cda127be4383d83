/**
 * `npm run bench:soak`: what the verdicts of a soak are worth, on simulated series of many kinds. Beside them,
 * what simpler rules would have said of the same series.
 */
import Table from 'cli-table3';
import {
  COUNT,
  FLAT_COUNTS,
  FLAT_WEIGHTS,
  HEAP,
  type Kind,
  leaking,
  leakingIntoArenas,
  PAGES,
  SLOWING,
  simpleRulesOf,
  verdictsOf,
} from '../statistics/simulated.test-helper.ts';

const SOAKS = Number(process.argv[2] ?? 200);

const head = ['series', 'flat', 'leak', 'undecided'];
const style = { head: [], border: [] };

function tableOf(rows: readonly (readonly [string, Kind, typeof COUNT])[], title: string): void {
  const table = new Table({ head, style });
  const total = { flat: 0, leak: 0, undecided: 0 };
  for (const [name, kind, scale] of rows) {
    const counts = verdictsOf(kind, scale, SOAKS);
    for (const each of ['flat', 'leak', 'undecided'] as const) total[each] += counts[each];
    table.push([name, counts.flat, counts.leak, counts.undecided]);
  }
  table.push(['together', total.flat, total.leak, total.undecided]);
  process.stdout.write(`\n${title}, ${SOAKS} soaks of each\n${table.toString()}\n`);
}

const counts = Object.entries(FLAT_COUNTS);
const weights = Object.entries(FLAT_WEIGHTS);
const nothingLeaks = [
  ...counts.map(([name, kind]) => [`count: ${name}`, kind, COUNT] as const),
  ...weights.map(([name, kind]) => [`heap: ${name}`, kind, HEAP] as const),
  ...weights.map(([name, kind]) => [`pages: ${name}`, kind, PAGES] as const),
];
tableOf(nothingLeaks, 'Nothing leaks');
tableOf(
  Object.entries(SLOWING).map(([name, kind]) => [`heap: ${name}`, kind, HEAP] as const),
  'Grows without end, ever slower',
);
tableOf(
  [0.1, 0.001].flatMap((each) =>
    counts.map(
      ([name, kind]) => [`${each} an operation, ${name}`, leaking(kind, each), COUNT] as const,
    ),
  ),
  'Counts that leak',
);
tableOf(
  [100, 1000].flatMap((bytes) =>
    weights.flatMap(([name, kind]) => [
      [`heap: ${bytes} B an operation, ${name}`, leaking(kind, bytes), HEAP] as const,
      [`pages: ${bytes} B an operation, ${name}`, leakingIntoArenas(kind, bytes), PAGES] as const,
    ]),
  ),
  'Bytes that leak',
);

const simple = new Table({
  head: [
    'nothing leaks',
    'grew in each of the last four rounds',
    'Mann-Kendall, p < 0.01',
    'hanglab',
  ],
  style,
});
const together = [0, 0, 0];
for (const [name, kind, scale] of nothingLeaks) {
  const { lastFour, mannKendall } = simpleRulesOf(kind, SOAKS);
  const alarms = [lastFour, mannKendall, verdictsOf(kind, scale, SOAKS).leak];
  for (const [i, each] of alarms.entries()) together[i]! += each;
  simple.push([name, ...alarms]);
}
simple.push(['together', ...together]);
process.stdout.write(
  `\nFalse alarms of simpler rules, ${SOAKS} soaks of each\n${simple.toString()}\n`,
);
