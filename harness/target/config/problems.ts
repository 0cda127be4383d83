/** What is wrong with a config beyond its shape: names that point nowhere, addresses that go past a link. */
import { didYouMean } from '../../platform/errors.ts';
import { INPUT_PLACEHOLDERS } from '../operations/input.ts';
import type { StreamFormat } from '../operations/stream-spec.ts';
import { METHODS } from './build-operation.ts';
import type {
  CommandServerConfig,
  OperationConfig,
  RequestConfig,
  TargetConfig,
  VariantConfig,
} from './config.ts';
import { placeholdersIn, unknownPlaceholders } from './template.ts';

/** In the command of a setup: the folder that it fills, and the config's. */
const SETUP_PLACEHOLDERS = ['setup', 'config'];
const RESERVED = ['port', 'tmp', 'front', 'target', 'setup', 'config'];

/** @param environment what the server would inherit. */
export function configProblems(
  config: TargetConfig,
  environment: NodeJS.ProcessEnv = process.env,
): string[] {
  return [
    ...upstreamProblems(config),
    ...progressProblems(config),
    ...serverProblems(config, environment),
    ...unknownPlaceholders(config.sqlite ?? '', ['tmp']).map((problem) => `sqlite: ${problem}`),
    ...scenarioProblems(config),
    ...Object.entries(config.operations ?? {}).flatMap(([name, operation]) =>
      operationProblems(name, operation, config),
    ),
  ];
}

/** Operations that a scenario is to send, and that nothing declares. */
function scenarioProblems({ scenarios = {}, operations = {} }: TargetConfig): string[] {
  const known = Object.keys(operations);
  const problems = (place: string, names: readonly string[] = []): string[] =>
    names
      .filter((name) => !known.includes(name))
      .map(
        (name) => `${place}.operations: there is no operation "${name}".${didYouMean(name, known)}`,
      );
  return [
    ...problems('scenarios', scenarios.operations),
    ...Object.entries(scenarios.settings ?? {}).flatMap(([name, settings]) =>
      problems(`scenarios.settings.${name}`, settings.operations),
    ),
  ];
}

function upstreamProblems({ upstreams = {} }: TargetConfig): string[] {
  return Object.keys(upstreams).flatMap((name) => {
    if (RESERVED.includes(name)) return [`upstreams.${name}: this name is taken by hanglab itself`];
    if (/^[\w-]{1,40}$/.test(name)) return [];
    return [`upstreams.${name}: expected a name of letters, digits, "-" and "_"`];
  });
}

/** What a source of progress needs and a server that was attached to does not have. */
function progressProblems({ progress, server }: TargetConfig): string[] {
  if (progress === undefined || typeof progress === 'function') return [];
  const isAttached = 'attach' in server;
  if ('log' in progress) {
    return isAttached ? ['progress.log: hanglab does not see what an attached server prints'] : [];
  }
  const paths =
    'sqlite' in progress
      ? [['sqlite', progress.sqlite] as const]
      : 'files' in progress
        ? Object.entries(progress.files).map(([name, path]) => [`files.${name}`, path] as const)
        : [];
  return paths.flatMap(([field, path]) =>
    isAttached && placeholdersIn(path).includes('tmp')
      ? [`progress.${field}: \${tmp} is the folder of a run, and an attached server has none`]
      : unknownPlaceholders(path, ['tmp']).map((problem) => `progress.${field}: ${problem}`),
  );
}

function serverProblems(
  { server, upstreams = {}, variants = {} }: TargetConfig,
  environment: NodeJS.ProcessEnv,
): string[] {
  if ('attach' in server) return [];
  const known = [
    'port',
    'tmp',
    ...Object.keys(upstreams).flatMap((name) => [
      name,
      `${name}.host`,
      `${name}.port`,
      `${name}.url`,
    ]),
  ];
  const { setup } = server as Partial<CommandServerConfig>;
  const unknown = [
    ...containerProblems(server, variants),
    ...placeholderProblems('server', server, known, setup !== undefined),
    ...Object.entries(variants).flatMap(([name, variant]) => {
      const hasSetup = (variant.setup ?? setup) !== undefined;
      return placeholderProblems(`variants.${name}`, variant, known, hasSetup);
    }),
  ];
  const inherits = !('container' in server) && server.inheritEnv === undefined;
  const variables = [
    ...Object.entries(server.env ?? {}),
    ...(inherits
      ? Object.entries(environment).filter(([name]) => !(name in (server.env ?? {})))
      : []),
  ];
  return [...unknown, ...variables.flatMap((each) => pastLink(each, upstreams))];
}

/** A variant of a container may say otherwise only what a container has. */
function containerProblems(
  server: TargetConfig['server'],
  variants: NonNullable<TargetConfig['variants']>,
): string[] {
  if (!('container' in server)) return [];
  return Object.entries(variants).flatMap(([name, variant]) =>
    (['cwd', 'setup'] as const).flatMap((field) =>
      variant[field] === undefined ? [] : `variants.${name}.${field}: a container has none`,
    ),
  );
}

/** Of everything that is said of how to start the server, or one of its variants. */
function placeholderProblems(
  place: string,
  { setup = [], command = [], args = [], cwd, env }: VariantConfig,
  known: readonly string[],
  hasSetup: boolean,
): string[] {
  const inSetup = [setup].flat().flatMap((text) => unknownPlaceholders(text, SETUP_PLACEHOLDERS));
  const elsewhere = hasSetup ? [...known, 'setup'] : known;
  const texts = [
    ...[command].flat().map((text) => ['command', text] as const),
    ...args.map((text) => ['args', text] as const),
    ...(cwd === undefined ? [] : [['cwd', cwd] as const]),
    ...envTexts('env', env),
  ];
  return [
    ...inSetup.map((problem) => `${place}.setup: ${problem}`),
    ...texts.flatMap(([field, text]) =>
      placeholdersIn(text).includes('setup') && !hasSetup
        ? [`${place}.${field}: \${setup} is the folder of a \`setup\`, and there is none`]
        : unknownPlaceholders(text, elsewhere).map((problem) => `${place}.${field}: ${problem}`),
    ),
  ];
}

function envTexts(
  place: string,
  env: Readonly<Record<string, string | null>> = {},
): [string, string][] {
  return Object.entries(env).flatMap(([name, value]) =>
    value === null ? [] : [[`${place}.${name}`, value]],
  );
}

/** A variable that still has an upstream's own address: its traffic would not meet any fault. */
function pastLink(
  [variable, value]: [string, string | null | undefined],
  upstreams: NonNullable<TargetConfig['upstreams']>,
): string[] {
  return Object.entries(upstreams).flatMap(([name, upstream]) => {
    if (!('at' in upstream) || !value) return [];
    const spellings = [upstream.at, upstream.at.replace(/^(127\.0\.0\.1|localhost):/, '')];
    const own = [upstream.at, upstream.at.replace(/^127\.0\.0\.1:/, 'localhost:')];
    const isDirect = own.some((address) => value.includes(address)) || value === spellings[1];
    if (!isDirect) return [];
    return [
      `${variable} goes past the link to ${name}: write \${${name}} in place of ${upstream.at}`,
    ];
  });
}

function operationProblems(
  name: string,
  operation: OperationConfig,
  { operations = {} }: TargetConfig,
): string[] {
  const place = `operations.${name}`;
  const problems = requestProblems(place, operation);
  if (operation.done) problems.push(...requestProblems(`${place}.done`, operation.done));
  if (operation.found) problems.push(...requestProblems(`${place}.found`, operation.found));
  if ((operation.done || operation.found) && operation.id === undefined) {
    problems.push(`${place}: "done" and "found" need "id": where the answer has the id`);
  }
  for (const field of ['deletes', 'idOf'] as const) {
    const named = operation[field];
    if (named === undefined || named in operations) continue;
    const hint = didYouMean(named, Object.keys(operations));
    problems.push(`${place}.${field}: there is no operation "${named}".${hint}`);
  }
  return problems;
}

function requestProblems(
  place: string,
  request: RequestConfig & Pick<OperationConfig, 'stream'>,
): string[] {
  const methods = METHODS.filter((method) => request[method] !== undefined);
  const problems: string[] = [];
  if (methods.length !== 1) {
    const found = methods.length === 0 ? 'none' : methods.join(' and ');
    problems.push(`${place}: expected one of ${METHODS.join(', ')} with a path; there is ${found}`);
  }
  const bodies = (['json', 'form', 'multipart', 'body'] as const).filter(
    (kind) => request[kind] !== undefined,
  );
  if (bodies.length > 1) problems.push(`${place}: has ${bodies.join(' and ')}: expected one body`);
  // What has a body there sends it as its first message.
  const isWebSocket = formatOf(request.stream) === 'websocket';
  if (methods[0] === 'get' && bodies.length > 0 && !isWebSocket) {
    problems.push(`${place}: a GET has no body`);
  }
  for (const text of textsIn([request.json, request.form, request.multipart, request.body])) {
    for (const problem of unknownPlaceholders(text, INPUT_PLACEHOLDERS)) {
      problems.push(`${place}: ${problem}`);
    }
  }
  const path = methods[0] === undefined ? '' : (request[methods[0]] ?? '');
  for (const used of placeholdersIn(path)) {
    if ((INPUT_PLACEHOLDERS as readonly string[]).includes(used)) continue;
    problems.push(...unknownPlaceholders(path, INPUT_PLACEHOLDERS).map((p) => `${place}: ${p}`));
  }
  return problems;
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(textsIn);
}

function formatOf(stream: OperationConfig['stream']): StreamFormat | undefined {
  return typeof stream === 'object' ? stream.format : stream;
}
