/** `hanglab config check`: whether a config is right about its server, before any fault is injected. */
import { Command } from 'commander';
import { formatMs } from '../platform/duration.ts';
import { EXIT, type ExitCode } from '../platform/errors.ts';
import { plainText } from '../platform/plain-text.ts';
import { plural } from '../platform/plural.ts';
import { startReaper } from '../reaper/reaper.ts';
import { skipReason } from '../run/skip.ts';
import { type CheckedServer, checkServer } from './check/check-server.ts';
import { parseRunOptions, type RawRunOptions } from './run/run-options.ts';
import { planOf } from './run/suite.ts';
import type { CommandContext } from './shared/context.ts';
import { type Output, output } from './shared/output.ts';
import { wrapped } from './shared/wrap.ts';

export function configCommand(context: CommandContext): Command {
  const command = new Command('config');
  command
    .command('check')
    .description('start the server, send each operation once, and show what came back')
    .option('--config <file>', 'the config of your server (default: the nearest hanglab.config.ts)')
    .option('--variant <name>', 'another way to start it, by the name in the config')
    .option('--toxiproxy <provider>', 'embedded, binary, docker, or the URL of a running one')
    .exitOverride()
    .action(async (raw: Omit<RawRunOptions, 'out'>) => {
      context.exitWith(await check(raw, context));
    });
  return command;
}

async function check(
  raw: Omit<RawRunOptions, 'out'>,
  { interrupts }: CommandContext,
): Promise<ExitCode> {
  const out = output({ json: false });
  await using reaper = startReaper();
  const settings = await parseRunOptions([], { ...raw, out: reaper.temporaryFolder('check') });
  const { signal } = interrupts;
  const checked = await checkServer(settings, { reaper, signal });
  const { loaded } = settings;
  out.line(`${loaded.file}: ready in ${formatMs(checked.startMs)}, port ${checked.port}`);
  for (const line of operationLines(checked, out)) out.line(line);
  out.line();
  const plan = await planOf(settings.names, loaded.target(settings.variant));
  for (const line of scenarioLines(plan, checked, out)) out.line(line);
  if (checked.problems.length > 0) {
    out.line();
    out.line(out.paint('red', `${plural(checked.problems.length, 'thing')} not as declared:`));
    for (const problem of checked.problems) {
      out.line(wrapped(`  ${plainText(problem)}`, out.stream, '    '));
    }
    return EXIT.usage;
  }
  if (checked.unanswered.length === 0) return EXIT.pass;
  out.line();
  out.line(
    `never answered within ${formatMs(checked.answerMs)}, with nothing wrong: ${checked.unanswered.join(', ')}`,
  );
  return EXIT.fail;
}

function operationLines({ operations }: CheckedServer, out: Output): string[] {
  const width = Math.max(9, ...operations.map(({ name }) => name.length));
  return operations.map(({ name, label, status, detail, tookMs, calls, isGood }) => {
    const answer =
      status === null
        ? 'no answer'
        : `${status}${tookMs === null ? '' : `, ${formatMs(tookMs)}`}${detail === null ? '' : `: ${detail}`}`;
    const uses = calls.length === 0 ? '' : `, calls ${calls.join(' and ')}`;
    const mark = isGood ? out.paint('green', '✔') : out.paint('red', '✖');
    const text = plainText(`${name.padEnd(width)}  ${label}: ${answer}${uses}`);
    return wrapped(`  ${mark} ${text}`, out.stream, '      ');
  });
}

/** How many will run, and why the others will not: those with the same reason together. */
function scenarioLines(
  plan: Awaited<ReturnType<typeof planOf>>,
  { target }: CheckedServer,
  out: Output,
): string[] {
  const reasons = new Map<string, string[]>();
  for (const { name, scenario } of plan) {
    const reason = skipReason(scenario, target);
    if (reason !== null) reasons.set(reason, [...(reasons.get(reason) ?? []), name]);
  }
  const skipped = [...reasons.values()].flat().length;
  const will = `${plural(plan.length - skipped, 'scenario')} can be run`;
  if (skipped === 0) return [will];
  return [
    `${will}; ${skipped} will be skipped:`,
    ...[...reasons].map(([reason, names]) =>
      wrapped(`  ${names.join(', ')}: ${reason}`, out.stream, '    '),
    ),
  ];
}
