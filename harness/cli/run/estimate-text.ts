/** What comes, before it starts: a person decides by it whether to wait. */
import type { Limits } from '../../history/events.ts';
import { formatMs } from '../../platform/duration.ts';
import { plural } from '../../platform/plural.ts';
import { estimateMs } from '../../run/estimate.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { RunSettingsParsed } from './run-options.ts';

/** @param planned how many there are, those included that this server cannot serve. */
export function estimateText(
  willRun: readonly Scenario[],
  planned: number,
  limits: Limits,
  { scale, jobs, repeat }: RunSettingsParsed,
  startMs: number | null,
): string {
  const ms = estimateMs(willRun, { limits, scale, jobs, repeat, startMs: startMs ?? 0 });
  const skipped = planned - willRun.length;
  const rest = skipped === 0 ? '' : `; ${skipped} cannot be run on this server, and say why`;
  return `${plural(willRun.length, 'scenario')}, about ${formatMs(Math.ceil(ms / 1000) * 1000)}${rest}`;
}
