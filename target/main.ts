/** Starts the reference server from the command line. One JSON object a line on standard output. */
import { EXIT, HanglabError, messageOf } from '../harness/platform/errors.ts';
import { loadConfig } from './config/load.ts';
import { flagOf, redacted, SETTING_NAMES, settings } from './config/schema.ts';
import { defectNames, loadDefect } from './defects/index.ts';
import { startServer } from './server.ts';

async function main(): Promise<void> {
  const loaded = loadConfig({ flags: process.argv.slice(2), environment: process.env });
  if (loaded.help) return void process.stdout.write(usage());
  const { config } = loaded;
  const defect = loaded.defect === null ? null : await loadDefect(loaded.defect);
  const server = await startServer(config, defect);

  const end = () => {
    // The grace period is a promise: whatever is unfinished is left to the next start's recovery.
    if (Number.isFinite(server.endsWithinMs)) {
      setTimeout(() => process.exit(EXIT.fail), server.endsWithinMs).unref();
    }
    server[Symbol.asyncDispose]().then(() => process.exit(EXIT.pass), fail);
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);

  const { attemptMs, requestMs, turnMs, idleMs, graceMs } = config;
  print({
    event: 'listening',
    url: server.url,
    pid: process.pid,
    defect: loaded.defect,
    limits: { attemptMs, requestMs, turnMs, idleMs, graceMs },
    config: { ...redacted(config), data: server.data },
  });
}

function print(line: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function usage(): string {
  const flags = SETTING_NAMES.map((name) => {
    const { description } = settings[name];
    return `  ${flagOf(name)}${description ? `  ${description}` : ''}`;
  });
  return [
    'node target/main.ts --model-url URL --embeddings-url URL [--config FILE] [--defect NAME]',
    ...flags,
    `defects: ${defectNames().join(', ')}`,
    '',
  ].join('\n');
}

function fail(error: unknown): void {
  if (error instanceof HanglabError) {
    const lines = [`${error.code}: ${error.message}`, ...error.problems.map((text) => `  ${text}`)];
    process.stderr.write(`${lines.join('\n')}\n`);
    process.exit(error.exitCode);
  }
  // System errors (port in use, folder not writable) need a message, not a stack trace.
  if ((error as NodeJS.ErrnoException).syscall !== undefined) {
    process.stderr.write(`cannot-start: ${messageOf(error)}\n`);
    process.exit(EXIT.usage);
  }
  process.stderr.write(`internal: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(EXIT.internal);
}

main().catch(fail);
