/** The embedded Toxiproxy as a program: the flags of toxiproxy-server, and what is ours. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { EXIT, HanglabError, messageOf } from '../../platform/errors.ts';
import { PROTOCOL_VERSION } from './api/api.ts';
import { type EmbeddedServer, startEmbeddedServer } from './server.ts';

export const USAGE = `Usage: hanglab toxiproxy [options]
A server of Toxiproxy's protocol, for any Toxiproxy client.

  --host HOST          where the API listens (127.0.0.1)
  --port PORT          the API's port, 0 for any free one (8474)
  --config FILE        JSON file of proxies to create at the start
  --seed N             seed of toxicity, jitter and slices (drawn at random, and printed)
  --extras             also serve what Toxiproxy does not have: see DIFFERENCES.md
  --proxy-metrics      bytes of each proxy at /metrics
  --runtime-metrics    this process's own figures at /metrics
  --version            print the version and end
`;

/**
 * Starts the server that `args` ask for, having said on `print` where it listens. Undefined when
 * there was only something to print.
 * @throws HanglabError `bad-usage` for wrong flags; `toxiproxy-not-started` when it cannot listen.
 */
export async function startFromCommandLine(
  args: readonly string[],
  print: (line: string) => void,
): Promise<EmbeddedServer | undefined> {
  const flags = parse(args);
  if (flags.help) {
    print(USAGE.trimEnd());
    return undefined;
  }
  if (flags.version) {
    print(`toxiproxy-server version ${PROTOCOL_VERSION}`);
    return undefined;
  }
  const seed = wholeNumber('--seed', flags.seed ?? String(Math.floor(Math.random() * 2 ** 31)));
  const port = wholeNumber('--port', flags.port, 65_535);
  const config = flags.config === undefined ? undefined : await readConfig(flags.config);
  const server = await startEmbeddedServer({
    host: flags.host,
    port,
    seed,
    extras: flags.extras,
    proxyMetrics: flags['proxy-metrics'],
    runtimeMetrics: flags['runtime-metrics'],
  }).catch((error: unknown): never => {
    throw new HanglabError(
      'toxiproxy-not-started',
      `cannot listen on ${flags.host}:${port}: ${messageOf(error)}`,
      { exitCode: EXIT.cannotRunHere, cause: error },
    );
  });
  if (config !== undefined) {
    const answer = await fetch(`${server.url}/populate`, { method: 'POST', body: config });
    if (!answer.ok) {
      const { error } = (await answer.json()) as { error: string };
      await server[Symbol.asyncDispose]();
      throw new HanglabError('toxiproxy-config', `${flags.config}: ${error}`);
    }
  }
  print(`Toxiproxy ${PROTOCOL_VERSION} (hanglab) listens on ${server.url}, seed ${seed}`);
  return server;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '8474' },
        config: { type: 'string' },
        seed: { type: 'string' },
        extras: { type: 'boolean', default: false },
        'proxy-metrics': { type: 'boolean', default: false },
        'runtime-metrics': { type: 'boolean', default: false },
        version: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new HanglabError('bad-usage', `${messageOf(error)}\n\n${USAGE.trimEnd()}`);
  }
}

function wholeNumber(flag: string, text: string, max = Number.MAX_SAFE_INTEGER): number {
  const number = Number(text);
  if (/^-?\d+$/.test(text) && number <= max && (flag === '--seed' || number >= 0)) return number;
  throw new HanglabError('bad-usage', `${flag} takes a whole number up to ${max}, not "${text}"`);
}

async function readConfig(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new HanglabError('toxiproxy-config', `cannot read ${file}: ${messageOf(error)}`);
  }
}
