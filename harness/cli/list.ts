/** `hanglab list`: the scenarios and the defects, each with its one sentence. */
import { Command } from 'commander';
import { loadScenario, scenarioNames } from '../scenario/catalogue.ts';
import { loadConfig } from '../target/config/load-config.ts';
import type { CommandContext } from './shared/context.ts';
import { output } from './shared/output.ts';

export function listCommand(_context: CommandContext): Command {
  return new Command('list')
    .option('--json', 'as JSON')
    .option('--config <file>', 'the config of your server (default: the nearest hanglab.config.ts)')
    .action(async (raw: { json?: boolean; config?: string }) => {
      const { json } = raw;
      const out = output({ json: false });
      const scenarios = await Promise.all(
        scenarioNames().map(async (name) => {
          const { why, needs, cost } = (await loadScenario(name)).scenario;
          return { name, why, needs, cost };
        }),
      );
      const { config, isBundled } = await loadConfig(raw.config ?? null);
      const defects = Object.entries(config.variants ?? {}).map(([name, { why = '' }]) => ({
        name,
        why,
      }));
      if (json) {
        out.result(JSON.stringify({ schema: 'hanglab.list/1', scenarios, defects }, null, 2));
        return;
      }
      const table = (title: string, rows: { name: string; why: string }[]): void => {
        const width = Math.max(...rows.map(({ name }) => name.length));
        out.line(out.paint('bold', title));
        for (const { name, why } of rows) out.line(`  ${name.padEnd(width)}  ${why}`);
      };
      table('Scenarios (hanglab run NAME)', scenarios);
      out.line();
      const variants = isBundled
        ? 'Defects of the bundled server (hanglab run SCENARIO --defect NAME)'
        : 'Variants (hanglab run SCENARIO --variant NAME)';
      if (defects.length > 0) table(variants, defects);
    });
}
