/** `hanglab list`: the scenarios, which of them this server can be tested with, and its variants. */
import { Command } from 'commander';
import type { MatrixRow } from '../matrix/matrix-row.ts';
import { skipReason } from '../run/skip.ts';
import { forUpstreams, loadScenario, scenarioNames } from '../scenario/catalogue.ts';
import { loadConfig } from '../target/config/load-config.ts';
import type { CommandContext } from './shared/context.ts';
import { type Output, output } from './shared/output.ts';

interface RawListOptions {
  json?: boolean;
  config?: string;
}

interface Row {
  name: string;
  text: string;
}

export function listCommand(_context: CommandContext): Command {
  return new Command('list')
    .option('--json', 'as JSON')
    .option('--config <file>', 'the config of your server (default: the nearest hanglab.config.ts)')
    .action(list);
}

async function list({ json, config: file }: RawListOptions): Promise<void> {
  const out = output({ json: false });
  const { config, exports, isBundled, target } = await loadConfig(file ?? null);
  const healthy = target(null);
  const names = await forUpstreams(scenarioNames(), healthy.upstreams);
  const scenarios = await Promise.all(
    names.map(async (name) => {
      const { scenario } = await loadScenario(name);
      const { why, needs, cost } = scenario;
      return { name, why, needs, cost, skipped: skipReason(scenario, healthy) };
    }),
  );
  const rows = (exports.matrix ?? []) as readonly MatrixRow[];
  const variants = Object.entries(config.variants ?? {}).map(([name, { why = '' }]) => {
    const caughtBy = rows.filter(({ defect }) => defect === name);
    return {
      name,
      why,
      caughtBy: caughtBy.map(({ scenario, expected }) => ({ scenario, check: expected })),
    };
  });
  if (json) {
    out.result(JSON.stringify({ schema: 'hanglab.list/1', scenarios, defects: variants }, null, 2));
    return;
  }
  const usable = scenarios.filter(({ skipped }) => skipped === null);
  const others = scenarios.filter(({ skipped }) => skipped !== null);
  table(
    out,
    'Scenarios (hanglab run NAME)',
    usable.map(({ name, why }) => ({ name, text: why })),
  );
  table(
    out,
    'Scenarios that are skipped for this server, and why',
    others.map(({ name, skipped }) => ({ name, text: skipped ?? '' })),
  );
  const title = isBundled
    ? 'Defects of the bundled server, and the scenario that catches each (hanglab run SCENARIO --defect NAME)'
    : 'Variants (hanglab run SCENARIO --variant NAME)';
  table(
    out,
    title,
    variants.map(({ name, why, caughtBy }) => {
      const by = caughtBy.map(({ scenario }) => scenario).join(', ');
      return { name, text: by === '' ? why : `${why} [${by}]` };
    }),
  );
}

function table(out: Output, title: string, rows: readonly Row[]): void {
  if (rows.length === 0) return;
  const width = Math.max(...rows.map(({ name }) => name.length));
  out.line(out.paint('bold', title));
  for (const { name, text } of rows) out.line(`  ${name.padEnd(width)}  ${text}`);
  out.line();
}
