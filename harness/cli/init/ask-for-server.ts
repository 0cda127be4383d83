/** Asks a person how the server is started, and what it should be sent. */
import { createInterface } from 'node:readline/promises';
import { HanglabError } from '../../platform/errors.ts';
import type { CommandContext } from '../shared/context.ts';
import type { Output } from '../shared/output.ts';
import type { RawServerOptions } from '../try/server-options.ts';
import { guessedCommand } from './guessed-command.ts';

export interface Answers {
  words: string[];
  options: RawServerOptions;
}

/** @throws HanglabError `bad-usage` without a terminal. */
export async function askForServer(
  out: Output,
  { interrupts: { signal } }: CommandContext,
): Promise<Answers> {
  if (!process.stdin.isTTY || !out.stream.isTTY) {
    throw new HanglabError(
      'bad-usage',
      'there is no terminal to ask on: expected -- COMMAND, --attach, --openapi or --har',
    );
  }
  const asking = createInterface({ input: process.stdin, output: out.stream });
  // Ctrl-C is for the whole command, as everywhere.
  asking.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const ask = async (question: string, usual = ''): Promise<string> => {
      const shown = usual === '' ? '' : ` [${usual}]`;
      return (await asking.question(`${question}${shown}: `, { signal })).trim() || usual;
    };
    const guess = guessedCommand(process.cwd()) ?? '';
    const command = await ask('What starts your server (${port} stands for its port)', guess);
    if (command === '') throw new HanglabError('bad-usage', 'no command, no config');
    const document = await ask('Its OpenAPI document (a file or URL; empty: looked for)');
    const request = await ask(
      'A request that it answers, like POST /items {"a":1} (empty: looked for)',
    );
    const limit = await ask('What a request may take, like 10s (empty: measured)');
    return {
      words: [command],
      options: {
        ...(document === '' ? {} : { openapi: document }),
        ...(request === '' ? {} : { request: [request] }),
        ...(limit === '' ? {} : { requestLimit: limit }),
      },
    };
  } catch (error) {
    if ((error as Error).name !== 'AbortError' || signal.aborted) throw error;
    throw new HanglabError('bad-usage', 'the questions were not answered, so there is no config');
  } finally {
    asking.close();
  }
}
