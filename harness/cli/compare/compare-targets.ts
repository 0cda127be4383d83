/** Calibrates both sides once, and compares them scenario by scenario. */
import { compareScenario } from '../../compare/compare.ts';
import type { ComparedScenario } from '../../compare/compared.ts';
import type { Comparison } from '../../compare/comparison-json.ts';
import { estimateComparison } from '../../compare/estimate.ts';
import { MeasuresFold } from '../../compare/measures.ts';
import type { Side, SideRun } from '../../compare/side-run.ts';
import type { Limits } from '../../history/events.ts';
import { readEvents } from '../../history/history.ts';
import { formatMs } from '../../platform/duration.ts';
import { plural } from '../../platform/plural.ts';
import type { Reaper } from '../../reaper/reaper.ts';
import type { RunResult } from '../../run/run.ts';
import { skipReason } from '../../run/skip.ts';
import { forScenario } from '../../target/config/build-target.ts';
import type { Target } from '../../target/target.ts';
import { type Calibrated, calibratedTarget } from '../run/calibrated.ts';
import type { Deadline } from '../run/retries.ts';
import { runOne } from '../run/run-one.ts';
import type { RunSettingsParsed } from '../run/run-options.ts';
import type { RunView } from '../run/run-view.ts';
import type { Planned } from '../run/suite.ts';
import type { CommandContext } from '../shared/context.ts';
import { outcomeLine } from './comparison-text.ts';
import type { Sides } from './sides.ts';

export interface CompareSettings extends Pick<Sides, 'sides'> {
  run: RunSettingsParsed;
  mostPairs: number;
}

export interface CompareTargetsOptions {
  settings: CompareSettings;
  plan: readonly Planned[];
  context: CommandContext;
  reaper: Reaper;
  view: RunView;
  deadline: Deadline;
}

const MAX_SEED = 2 ** 31 - 1;

/** @throws HanglabError when a side does not come up, is not as declared, or the comparison is interrupted. */
export async function compareTargets(options: CompareTargetsOptions): Promise<Comparison> {
  const { settings, plan, view, deadline } = options;
  const { sides, run, mostPairs } = settings;
  const a = await calibrated('a', options);
  const b = await calibrated('b', options);
  // What is derived is the slower one's: a limit that only one side has would compare two experiments.
  const limits = looser(a.target.limits, b.target.limits);
  const targets: Record<Side, Target> = {
    a: { ...a.target, limits },
    b: { ...b.target, limits },
  };
  const skipped = plan.flatMap(({ name, scenario }) => {
    const own = (side: Side): Target => forScenario(targets[side], run.loaded.config, name);
    const why = skipReason(scenario, own('a')) ?? skipReason(scenario, own('b'));
    return why === null ? [] : [{ name, skipped: why }];
  });
  for (const each of skipped) view.done(each.name, each);
  const willRun = plan.filter(({ name }) => !skipped.some((each) => each.name === name));
  const { leastMs, mostMs } = estimateComparison(
    willRun.map(({ scenario }) => scenario),
    { limits, scale: run.scale },
    { a: a.startMs ?? 0, b: b.startMs ?? 0 },
    mostPairs,
  );
  view.note(
    `${plural(willRun.length, 'scenario')}: about ${formatMs(leastMs)} when all runs agree, at most ${formatMs(mostMs)}`,
  );
  const scenarios: ComparedScenario[] = [];
  for (const planned of willRun) {
    const { name } = planned;
    const compared = await compareScenario({
      name,
      mostPairs,
      run: (side, pair) => runSide(planned, side, pair, targets[side], options),
      isOver: () => deadline.signal.aborted,
    });
    scenarios.push(compared);
    view.note(outcomeLine(compared));
  }
  const names = { a: sides.a.name, b: sides.b.name };
  return { names, target: sides.a.target.name, seed: run.seed, scenarios, skipped };
}

async function calibrated(side: Side, options: CompareTargetsOptions): Promise<Calibrated> {
  const { settings, view, deadline } = options;
  const { name, target } = settings.sides[side];
  view.note(`${side} (${name}):`);
  return calibratedTarget(target, settings.run, deadline, options);
}

function looser(a: Limits, b: Limits): Limits {
  const merged: Limits = { ...a, ...b };
  for (const key of Object.keys(merged) as (keyof Limits)[]) {
    merged[key] = Math.max(a[key] ?? 0, b[key] ?? 0);
  }
  return merged;
}

async function runSide(
  planned: Planned,
  side: Side,
  pair: number,
  target: Target,
  { settings, context, reaper, view, deadline }: CompareTargetsOptions,
): Promise<SideRun> {
  const { run, sides } = settings;
  const label = `${planned.name} ${pair + 1}${side}`;
  const result = await runOne({
    ...{ ...planned, target, variant: sides[side].variant, label, context, reaper },
    settings: { ...run, seed: (run.seed + pair) % MAX_SEED },
    view: briefly(view),
    signal: AbortSignal.any([context.interrupts.signal, deadline.signal]),
    neverCut: true,
  });
  return sideRun(result);
}

async function sideRun(result: RunResult): Promise<SideRun> {
  const { verdict, findings, diagnosis, hasDied, durationMs, reportFolder } = result;
  const fold = new MeasuresFold();
  let lastMs = 0;
  for await (const event of readEvents(result.historyFile)) {
    fold.push(event);
    lastMs = event.t;
  }
  const measures = fold.measures(lastMs);
  return { verdict, findings, diagnosis, hasDied, measures, durationMs, reportFolder };
}

/** What each run found is shown once, when the scenario is decided. */
function briefly(view: RunView): RunView {
  return {
    ...view,
    done(label, entry) {
      if ('skipped' in entry) view.done(label, entry);
      else view.done(label, { ...entry, findings: [], diagnosis: null, reportFolder: null });
    },
  };
}
