/** The command line. The only module that ends the process. */
import { Command, CommanderError } from 'commander';
import { EXIT, type ExitCode, HanglabError, messageOf } from '../platform/errors.ts';
import { plainText } from '../platform/plain-text.ts';
import { COMMANDS } from './commands.ts';
import type { CommandContext } from './shared/context.ts';
import { listenForInterrupts } from './shared/interrupts.ts';
import { version } from './shared/version.ts';

/** What Node says of its own that is of no use to whoever runs hanglab. */
const QUIET_WARNINGS = new Set(['ExperimentalWarning', 'MODULE_TYPELESS_PACKAGE_JSON']);

export async function main(args: readonly string[]): Promise<void> {
  catchUncaught();
  filterWarnings();
  const interrupts = listenForInterrupts();
  const outputTrouble = watchOutput();
  let exitCode: ExitCode = EXIT.pass;
  const context: CommandContext = {
    interrupts,
    exitWith: (code) => {
      exitCode = code;
    },
  };
  try {
    const [first, second] = args;
    const program = await programFor(first === 'help' ? second : first, context);
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    exitCode = interrupts.exitCode() ?? explain(error);
  }
  // Streams are flushed and handles are closed by now; anything that still keeps us is a defect of ours.
  await flushed(process.stdout);
  process.exitCode = interrupts.exitCode() ?? outputTrouble() ?? exitCode;
  process.exit();
}

/** With the command that is named; of all others the name and the description are enough, for help. */
async function programFor(name = '', context: CommandContext): Promise<Command> {
  const program = new Command('hanglab')
    .description('Diagnostic and chaos-testing harness for servers that hang')
    .version(version())
    .showSuggestionAfterError(true)
    .configureOutput({ outputError: (text, write) => write(text) })
    .addHelpText('after', EXAMPLES)
    .addHelpText('after', EXIT_CODES);
  for (const [known, { about, load }] of Object.entries(COMMANDS)) {
    const command = known === name ? (await load())(context) : new Command(known);
    program.addCommand(command.description(about));
  }
  for (const command of [program, ...program.commands]) command.exitOverride();
  return program;
}

/**
 * A reader that has gone (`| head`) is no reason to stop: the report is still written. A result that cannot
 * be written is: whoever waits for it must be told.
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

/** An error that nothing awaits: never exit code 1, which would be a verdict. The reaper ends what is left. */
function catchUncaught(): void {
  const end = (error: unknown): void => process.exit(explain(error));
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

function filterWarnings(): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning: Error & { code?: string }) => {
    const { name, code, message } = warning;
    if (QUIET_WARNINGS.has(name) || QUIET_WARNINGS.has(code ?? '')) return;
    process.stderr.write(`${name}: ${message}\n`);
  });
}

function explain(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.pass : EXIT.usage;
  if (error instanceof HanglabError) {
    const problems = error.problems.map((problem) => `  ${problem}\n`).join('');
    process.stderr.write(plainText(`hanglab: ${error.message}\n${problems}(${error.code})\n`));
    return error.exitCode;
  }
  const stack = error instanceof Error && error.stack ? error.stack : messageOf(error);
  process.stderr.write(`hanglab: internal error, please report it:\n${stack}\n(internal-error)\n`);
  return EXIT.internal;
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

const EXAMPLES = `
Examples:
  hanglab diagnose --port 8000        why does the server on port 8000 hang, and where?
  hanglab run                         a short suite against the nearest hanglab.config.ts
  hanglab run llm-goes-silent --hold  keep the server for inspection when it hangs
  hanglab COMMAND --help              the options of a command`;

const EXIT_CODES = `
Exit codes: 0 pass · 1 fail · 2 inconclusive · 3 usage or configuration · 4 not supported on this
            machine, or everything skipped · 5 internal error · 130 interrupted · 143 terminated`;
