/**
 * The options that describe a server without a config, as `try`, `init` and `links` take them, checked all at
 * once before anything is started.
 */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { messageOf } from '../../platform/errors.ts';
import type { TargetConfig, UpstreamConfig } from '../../target/config/config.ts';
import { readHar } from '../../target/discovery/har/har.ts';
import { harOperations } from '../../target/discovery/har/operations.ts';
import { inheritedVariables } from '../../target/discovery/inherited-variables.ts';
import { type ModelVariables, modelVariables } from '../../target/discovery/model-variables.ts';
import type { Candidate, Offered, Secret } from '../../target/discovery/offered.ts';
import { requestLine } from '../../target/discovery/request-line.ts';
import { isSecretHeader, secretVariable } from '../../target/discovery/secrets.ts';
import { routesIn } from '../../target/discovery/source/routes.ts';
import { sourceFiles } from '../../target/discovery/source/source-files.ts';
import { type LikelyUpstream, likelyUpstreams } from '../../target/discovery/source/upstreams.ts';
import { DEFAULT_LINKS_PORT } from '../links/default-port.ts';
import { parseInteger } from '../shared/parse-integer.ts';
import {
  attachOf,
  attempt,
  durationGiven,
  durationOf,
  pairOf,
  type Report,
} from './option-values.ts';
import { overLinks, parseUpstream, replacedText } from './upstream-option.ts';

export interface RawServerOptions {
  attach?: string;
  links?: string | true;
  health?: string;
  request?: string[];
  openapi?: string;
  har?: string;
  header?: string[];
  token?: string;
  requestLimit?: string;
  readyTimeout?: string;
  upstream?: string[];
  env?: string[];
}

/** What is known of a server before it runs. */
export interface ServerSettings {
  /** Without operations and endpoints: those are found out. */
  base: TargetConfig;
  requests: readonly Candidate[];
  recorded: Offered;
  /** The routes of the source in its folder. */
  source: Offered;
  /** Services that it is led to by variables, and that no link is in front of. */
  likely: readonly LikelyUpstream[];
  openapi: string | null;
  health: string | null;
  token: string | null;
  headers: Readonly<Record<string, string>>;
  /** Values that are never written down, besides those of the requests. */
  secrets: readonly Secret[];
  /** How an answer is waited for while nothing is wrong. */
  answerMs: number;
  models: ModelVariables;
  /** The port of a running `hanglab links`; null without. */
  links: number | null;
}

/** As long as a person waits for a server that does nothing else. */
const ANSWER_MS = 10_000;
const TOKEN_VARIABLE = 'HANGLAB_TOKEN';
const SECRET_VARIABLE = /key|token|secret|pass|credential/i;

const several = (text: string, before: string[] = []): string[] => [...before, text];

export function addServerOptions(command: Command): Command {
  return addDescribingOptions(
    command
      .argument('[command...]', 'what starts the server, after `--`')
      .option('--attach <port|pid>', 'a server that runs already')
      .option('--links [port]', 'with --attach: the port of a running `hanglab links` (9300)'),
  );
}

/** Those that say what a server offers and calls, however it is started. */
export function addDescribingOptions(command: Command): Command {
  return command
    .option('--health <path>', 'its health endpoint (default: found out)')
    .option('--request <line>', `an operation: 'POST /path {"json":1}' (repeatable)`, several)
    .option(
      '--openapi <url|file>',
      'its OpenAPI document (default: looked for in the usual places)',
    )
    .option('--har <file>', "a browser's recording: its requests become the load")
    .option('--header <name:value>', 'sent with every request (repeatable)', several)
    .option('--token <token>', `for what the document secures (default: $${TOKEN_VARIABLE})`)
    .option('--request-limit <duration>', 'what a request may take (default: measured)')
    .option('--ready-timeout <duration>', 'what its start may take (default: 60s)')
    .option(
      '--upstream <name=host:port[=VARIABLE]>',
      'a service that it calls, to be reached over a link (repeatable)',
      several,
    )
    .option('--env <name=value>', 'set for the server (repeatable)', several);
}

/** What is wrong goes to `report`. */
export function parseServerOptions(
  words: readonly string[],
  raw: RawServerOptions,
  folder: string,
  report: Report,
  { mayLackServer = false } = {},
): ServerSettings {
  const asked = Object.fromEntries(
    (raw.env ?? []).map((text) => pairOf('--env', text, '=', report)),
  );
  const upstreams = (raw.upstream ?? []).flatMap((text) => parseUpstream(text, report));
  const inherited = inheritedVariables(folder);
  const addresses = overLinks(upstreams, inherited);
  const isAttached = raw.attach !== undefined;
  if (isAttached && words.length > 0) report('expected either a command or --attach, not both');
  if (!isAttached && words.length === 0 && !mayLackServer) {
    report('expected what starts the server, like `hanglab try -- node server.js`, or --attach');
  }
  if (isAttached && upstreams.length > 0) {
    report('--upstream: a server that runs already keeps its addresses; see `hanglab links`');
  }
  const links = linksOf(raw.links, report);
  if (links !== null && !isAttached) report('--links: expected with --attach only');
  const request = durationGiven('--request-limit', raw.requestLimit, report);
  const readyTimeout = durationGiven('--ready-timeout', raw.readyTimeout, report);
  const models = isAttached ? { set: {}, elsewhere: [] } : modelVariables(inherited, asked);
  // The folder of a server that somebody else has started is not known.
  const files = isAttached || words.length === 0 ? [] : sourceFiles(folder);
  const linked = [
    ...Object.keys({ ...models.set, ...asked }),
    ...[...models.elsewhere.map(({ name }) => name), ...addresses.map(({ variable }) => variable)],
  ];
  const headers = Object.fromEntries(
    (raw.header ?? []).map((text) => pairOf('--header', text, ':', report)),
  );
  const token = raw.token ?? process.env[TOKEN_VARIABLE] ?? null;
  return {
    base: {
      server: isAttached
        ? { attach: attachOf(raw.attach as string, report), ...(links === null ? {} : { links }) }
        : {
            command: commandOf(words),
            env: {
              ...models.set,
              ...Object.fromEntries(addresses.map(({ variable, value }) => [variable, value])),
              ...asked,
            },
            ready: 'port',
            ...(readyTimeout === null ? {} : { readyTimeout }),
          },
      upstreams: isAttached ? {} : upstreamsOf(upstreams, models, asked),
      ...(request === null ? {} : { limits: { request } }),
    },
    requests: (raw.request ?? []).flatMap((line) =>
      attempt(() => requestLine(line, folder), report),
    ),
    recorded: raw.har === undefined ? NOTHING : recordedOf(raw.har, report),
    source: routesIn(files),
    likely:
      isAttached || words.length === 0
        ? []
        : likelyUpstreams(inherited, files).filter(({ variable }) => !linked.includes(variable)),
    openapi: raw.openapi ?? null,
    health: raw.health === undefined ? null : healthOf(raw.health, report),
    token,
    headers,
    secrets: [
      ...Object.entries(headers).flatMap(([name, value]) =>
        isSecretHeader(name) ? [{ value, variable: secretVariable(name) }] : [],
      ),
      ...Object.entries(asked).flatMap(([name, value]) =>
        SECRET_VARIABLE.test(name) && !value.includes('${') ? [{ value, variable: name }] : [],
      ),
      ...addresses.flatMap(({ variable, value, from, to }) =>
        from === null ? [] : [{ value, variable, expression: replacedText(variable, from, to) }],
      ),
    ],
    answerMs: raw.requestLimit === undefined ? ANSWER_MS : durationOf(raw.requestLimit),
    models,
    links,
  };
}

const NOTHING: Offered = { candidates: [], unused: [] };

function upstreamsOf(
  given: readonly { name: string; at: string }[],
  models: ModelVariables,
  asked: Readonly<Record<string, string>>,
): Record<string, UpstreamConfig> {
  const usesModel =
    Object.keys(models.set).length > 0 ||
    Object.values(asked).some((value) => value.includes('${llm'));
  return {
    ...(usesModel ? { llm: { model: true } as const } : {}),
    ...Object.fromEntries(given.map(({ name, at }) => [name, { at }])),
  };
}

function linksOf(given: string | true | undefined, report: Report) {
  if (given === undefined) return null;
  return given === true ? DEFAULT_LINKS_PORT : parseInteger('--links', given, 1, 65_535, report);
}

/** One word with blanks in it is a command line. */
function commandOf(words: readonly string[]): string | string[] {
  const [only = ''] = words;
  return words.length === 1 && /\s/.test(only) ? only : [...words];
}

function healthOf(path: string, report: Report): string {
  if (!path.startsWith('/')) report(`--health ${path}: expected a path, like /health`);
  return path;
}

function recordedOf(file: string, report: Report): Offered {
  const [recorded = NOTHING] = attempt(() => {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      throw new Error(`--har ${file}: ${messageOf(error)}`);
    }
    return harOperations(readHar(text, `--har ${file}`));
  }, report);
  return recorded;
}
