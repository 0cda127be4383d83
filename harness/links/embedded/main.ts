/** Runs the embedded Toxiproxy as a process of its own, until it is told to end. */
import { EXIT, HanglabError, messageOf } from '../../errors.ts';
import { startFromCommandLine } from './command.ts';

try {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const server = await startFromCommandLine(process.argv.slice(2), print);
  const end = (): void => void server?.[Symbol.asyncDispose]().then(() => process.exit(EXIT.pass));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  if (!server) process.exit(EXIT.pass);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(error instanceof HanglabError ? error.exitCode : EXIT.internal);
}
