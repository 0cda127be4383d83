/**
 * `npm run bench`: the figures that hanglab promises of itself, measured now on this machine. A benchmark,
 * not a test: shared machines are noisy, and a figure beyond its goal is shown, not failed.
 */
import Table from 'cli-table3';
import { diagnosisFigures } from './diagnosis.ts';
import { judgingFigures } from './judging.ts';
import { overheadFigures } from './overhead.ts';
import { runFigures } from './runs.ts';
import { sampleFigures } from './samples.ts';

const table = new Table({
  head: ['figure', 'measured', 'goal', ''],
  style: { head: [], border: [] },
});
for (const figures of [
  await sampleFigures(),
  await judgingFigures(),
  await overheadFigures(),
  await diagnosisFigures(),
  await runFigures(),
]) {
  for (const { name, value, unit, goal } of figures) {
    const measured = `${Number(value.toPrecision(3))} ${unit}`;
    table.push([name, measured, `<= ${goal} ${unit}`, value <= goal ? '✔' : 'beyond']);
  }
}
process.stdout.write(`${table.toString()}\n`);
