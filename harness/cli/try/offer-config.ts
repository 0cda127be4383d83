/** Asks on a terminal whether to write a config; elsewhere says how to. */
import { createInterface } from 'node:readline/promises';
import type { CommandContext } from '../shared/context.ts';
import type { Output } from '../shared/output.ts';
import { unwritableConfig, writeConfigFile } from './found-config.ts';

export async function offerConfig(
  file: string,
  source: (file: string) => string,
  out: Output,
  { interrupts }: CommandContext,
): Promise<void> {
  if (unwritableConfig(file) !== null) return;
  if (!process.stdin.isTTY || !out.stream.isTTY || process.env.CI) {
    out.line(`to keep what was found: \`hanglab try --write ${file} …\`, then \`hanglab run\``);
    return;
  }
  const asking = createInterface({ input: process.stdin, output: out.stream });
  try {
    const question = `Write ${file}, so that \`hanglab run\` runs the same again? [y/N] `;
    // Ctrl-D is no answer, and so a no.
    const answer = await asking.question(question, { signal: interrupts.signal }).catch(() => 'n');
    if (!/^y(es)?$/i.test(answer.trim())) return;
    writeConfigFile(file, source(file));
    out.line(`written: ${file}`);
  } finally {
    asking.close();
  }
}
