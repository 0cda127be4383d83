/** `hanglab toxiproxy`: the embedded server alone, for any Toxiproxy client in any language. */
import { Command } from 'commander';
import { startFromCommandLine } from '../links/embedded/command.ts';
import { EXIT } from '../platform/errors.ts';
import type { CommandContext } from './shared/context.ts';
import { untilInterrupted } from './shared/serve.ts';

export function toxiproxyCommand({ interrupts, exitWith }: CommandContext): Command {
  return new Command('toxiproxy')
    .description("serve Toxiproxy's protocol until Ctrl-C (see `hanglab toxiproxy --help`)")
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .argument('[options...]')
    .action(async (_options: string[], _raw: unknown, command: Command) => {
      const print = (line: string): void => void process.stdout.write(`${line}\n`);
      const server = await startFromCommandLine(command.args, print);
      if (!server) return;
      await using _serving = server;
      await untilInterrupted(interrupts);
      exitWith(EXIT.pass);
    });
}
