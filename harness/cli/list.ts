/** `hanglab list`: the scenarios and the defects, each with its one sentence. */
import { Command } from 'commander';
import { defectNames, loadDefect, loadScenario, scenarioNames } from '../scenario/catalogue.ts';
import type { CommandContext } from './shared/context.ts';
import { output } from './shared/output.ts';

export function listCommand(_context: CommandContext): Command {
  return new Command('list')
    .description('show the scenarios and the defects')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const out = output({ json: false });
      const scenarios = await Promise.all(
        scenarioNames().map(async (name) => {
          const { why, needs, cost } = (await loadScenario(name)).scenario;
          return { name, why, needs, cost };
        }),
      );
      const defects = await Promise.all(defectNames().map(loadDefect));
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
      table('Defects of the bundled target (hanglab run SCENARIO --defect NAME)', defects);
    });
}
