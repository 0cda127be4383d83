/** The embedded Toxiproxy as a program: the flags of toxiproxy-server, and what is ours. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { didYouMean, EXIT, HanglabError, messageOf } from '../../platform/errors.ts';
import { PROTOCOL_VERSION } from './api/api.ts';
import { createLog, LEVELS, type Level } from './log.ts';
import { type EmbeddedServer, startEmbeddedServer } from './server.ts';

export const USAGE = `Usage: hanglab toxiproxy [options]
A server of Toxiproxy's protocol, for any Toxiproxy client. It logs lines of JSON.

  -host HOST           where the API listens (127.0.0.1)
  -port PORT           the API's port, 0 for any free one (8474)
  -config FILE         JSON file of proxies to create at the start
  -seed N              seed of toxicity, jitter and slices (drawn at random, and logged)
  -log-level LEVEL     ${LEVELS.join(', ')} (LOG_LEVEL, else info)
  -extras              also serve what Toxiproxy does not have: see docs/toxiproxy.md
  -proxy-metrics       bytes of each proxy at /metrics
  -runtime-metrics     this process's own figures at /metrics
  -version             print the version and end

Flags take two dashes too, and "-flag=value".
`;

/**
 * Starts the server that `args` ask for, having logged on `print` where it listens. Undefined when
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
  const seed = wholeNumber('-seed', flags.seed ?? String(Math.floor(Math.random() * 2 ** 31)));
  const port = wholeNumber('-port', flags.port, 65_535);
  const log = createLog(levelOf(flags['log-level'] ?? process.env.LOG_LEVEL ?? 'info'), print);
  const config = flags.config === undefined ? undefined : await readConfig(flags.config);
  log('info', 'Starting Toxiproxy', { version: PROTOCOL_VERSION });
  const server = await startEmbeddedServer({
    host: flags.host,
    port,
    seed,
    log,
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
  const problem = config === undefined ? null : await server.populate(config);
  if (problem !== null) {
    await server[Symbol.asyncDispose]();
    throw new HanglabError('toxiproxy-config', `${flags.config}: ${problem}`);
  }
  const address = server.url.replace('http://', '');
  const about = { address, url: server.url, seed, extras: flags.extras };
  log('info', 'Starting Toxiproxy HTTP server', about);
  return server;
}

const OPTIONS = {
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '8474' },
  config: { type: 'string' },
  seed: { type: 'string' },
  'log-level': { type: 'string' },
  extras: { type: 'boolean', default: false },
  'proxy-metrics': { type: 'boolean', default: false },
  'runtime-metrics': { type: 'boolean', default: false },
  version: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: args.flatMap(asGoReadsIt), options: OPTIONS }).values;
  } catch (error) {
    throw new HanglabError('bad-usage', `${messageOf(error)}\n\n${USAGE.trimEnd()}`);
  }
}

/** Go's flags have one dash or two, and a flag that is on or off may say so: `-extras=true`. */
function asGoReadsIt(arg: string): string[] {
  const [, name, value] = /^--?([a-z][a-z-]+)(?:=(.*))?$/s.exec(arg) ?? [];
  if (name === undefined) return [arg];
  const isSwitch =
    Object.hasOwn(OPTIONS, name) && OPTIONS[name as keyof typeof OPTIONS].type === 'boolean';
  if (value === undefined) return [`--${name}`];
  if (!isSwitch) return [`--${name}=${value}`];
  if (/^(?:1|t|true)$/i.test(value)) return [`--${name}`];
  return /^(?:0|f|false)$/i.test(value) ? [] : [`--${name}=${value}`];
}

function levelOf(text: string): Level {
  const level = LEVELS.find((known) => known === text.toLowerCase());
  if (level !== undefined) return level;
  throw new HanglabError(
    'bad-usage',
    `-log-level takes one of ${LEVELS.join(', ')}, not "${text}".${didYouMean(text, LEVELS)}`,
  );
}

function wholeNumber(flag: string, text: string, max = Number.MAX_SAFE_INTEGER): number {
  const number = Number(text);
  if (/^-?\d+$/.test(text) && number <= max && (flag === '-seed' || number >= 0)) return number;
  throw new HanglabError('bad-usage', `${flag} takes a whole number up to ${max}, not "${text}"`);
}

async function readConfig(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new HanglabError('toxiproxy-config', `cannot read ${file}: ${messageOf(error)}`);
  }
}
