/** `hanglab setup`: installs the real Toxiproxy into hanglab's cache, for `--toxiproxy binary`. */
import { Command } from 'commander';
import { installToxiproxy } from '../links/setup.ts';
import type { CommandContext } from './shared/context.ts';

export function setupCommand({ interrupts }: CommandContext): Command {
  return new Command('setup').action(async () => {
    const print = (line: string): void => void process.stdout.write(`${line}\n`);
    await installToxiproxy({ print, signal: interrupts.signal });
  });
}
