/** `hanglab env`: what this machine can and cannot run, and how to get the rest. */
import { Command } from 'commander';
import { version } from '../../report/version.ts';
import type { CommandContext } from '../shared/context.ts';
import { type Output, output } from '../shared/output.ts';
import type { Capability } from './capability.ts';
import { clockCapabilities } from './clock.ts';
import { machineCapabilities } from './machine.ts';
import { toolCapabilities } from './tools.ts';

/** A longer answer pushes its own line aside only. */
const MAX_WIDTH = 48;

export function envCommand({ interrupts }: CommandContext): Command {
  return new Command('env')
    .option('--json', 'print hanglab.env/1 on standard output')
    .action(async ({ json = false }: { json?: boolean }) => {
      const out = output({ json });
      const machine = [...machineCapabilities(), ...(await clockCapabilities())];
      // Afterwards: programs that start would make the timers late.
      const tools = await toolCapabilities(interrupts.signal);
      interrupts.signal.throwIfAborted();
      if (json) {
        const told = { schema: 'hanglab.env/1', version: version(), machine, tools };
        out.result(JSON.stringify(told, null, 2));
        return;
      }
      out.line(`hanglab ${version()}`);
      print('This machine', machine, out);
      print('Programs, none of which a first run needs', tools, out);
    });
}

function print(title: string, capabilities: readonly Capability[], out: Output): void {
  const width = (field: 'name' | 'found'): number =>
    Math.min(MAX_WIDTH, Math.max(...capabilities.map((capability) => capability[field].length)));
  const [nameWidth, foundWidth] = [width('name'), width('found')];
  out.line();
  out.line(out.paint('bold', title));
  for (const { name, ok, found, servesFor, hint } of capabilities) {
    const mark = ok ? out.paint('green', '✔') : out.paint('red', '✖');
    out.line(
      `  ${mark} ${name.padEnd(nameWidth)}  ${found.padEnd(foundWidth)}  ${out.paint('gray', servesFor)}`,
    );
    if (!ok) out.line(`    ${''.padEnd(nameWidth)}  ${out.paint('yellow', `→ ${hint}`)}`);
  }
}
