/** The command line. The only module that ends the process. */
import { Command, CommanderError } from 'commander';
import { EXIT, type ExitCode, HanglabError, messageOf } from '../platform/errors.ts';
import type { CommandContext } from './shared/context.ts';
import { listenForInterrupts } from './shared/interrupts.ts';
import { version } from './shared/version.ts';

type MakeCommand = (context: CommandContext) => Command;

/** Loaded when asked for: `hanglab toxiproxy` needs a third of the memory that all of them take. */
const COMMANDS: Record<string, () => Promise<MakeCommand>> = {
  run: async () => (await import('./run/run.ts')).runCommand,
  matrix: async () => (await import('./matrix.ts')).matrixCommand,
  repro: async () => (await import('./repro.ts')).reproCommand,
  profile: async () => (await import('./profile.ts')).profileCommand,
  diagnose: async () => (await import('./diagnose.ts')).diagnoseCommand,
  list: async () => (await import('./list.ts')).listCommand,
  target: async () => (await import('./target.ts')).targetCommand,
  model: async () => (await import('./model.ts')).modelCommand,
  toxiproxy: async () => (await import('./toxiproxy.ts')).toxiproxyCommand,
  setup: async () => (await import('./setup.ts')).setupCommand,
  env: async () => (await import('./env/env.ts')).envCommand,
};

export async function main(args: readonly string[]): Promise<void> {
  const interrupts = listenForInterrupts();
  const outputTrouble = watchOutput();
  let exitCode: ExitCode = EXIT.pass;
  const context: CommandContext = {
    interrupts,
    exitWith: (code) => {
      exitCode = code;
    },
  };
  const program = new Command('hanglab')
    .description('Diagnostic and chaos-testing harness for servers that hang')
    .version(version())
    .showSuggestionAfterError(true)
    .configureOutput({ outputError: (text, write) => write(text) });
  for (const make of await commandsFor(args[0])) program.addCommand(make(context));
  for (const command of [program, ...program.commands]) command.exitOverride();
  program.addHelpText('after', EXIT_CODES);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    exitCode = interrupts.exitCode() ?? explain(error);
  }
  // Streams are flushed and handles are closed by now; anything that still keeps us is a defect of ours.
  await flushed(process.stdout);
  process.exitCode = interrupts.exitCode() ?? outputTrouble() ?? exitCode;
  process.exit();
}

/** The one that is named first; all of them where that is none, for help and suggestions. */
function commandsFor(name = ''): Promise<MakeCommand[]> {
  const one = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return Promise.all((one ? [one] : Object.values(COMMANDS)).map((load) => load()));
}

/**
 * A reader that has gone (`| head`) is no reason to stop: the report is written all the same. A result
 * that cannot be written is: whoever waits for it must hear so.
 */
function watchOutput(): () => ExitCode | null {
  let exitCode: ExitCode | null = null;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    exitCode = EXIT.cannotRunHere;
    process.stderr.write(`hanglab: standard output cannot be written to: ${error.message}\n`);
  });
  // There is nobody left to tell.
  process.stderr.on('error', () => {});
  return () => exitCode;
}

function explain(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.pass : EXIT.usage;
  if (error instanceof HanglabError) {
    const problems = error.problems.map((problem) => `  ${problem}\n`).join('');
    process.stderr.write(`hanglab: ${error.message}\n${problems}(${error.code})\n`);
    return error.exitCode;
  }
  const stack = error instanceof Error && error.stack ? error.stack : messageOf(error);
  process.stderr.write(`hanglab: an error of its own, please report it:\n${stack}\n`);
  return EXIT.internal;
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

const EXIT_CODES = `
Exit codes: 0 pass · 1 fail · 2 inconclusive · 3 bad usage · 4 this machine cannot run it ·
            5 hanglab's own error · 130 interrupted · 143 terminated`;
