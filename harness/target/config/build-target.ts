/** From a config to the target that it describes. */
import { isAbsolute, resolve } from 'node:path';
import type { Limits } from '../../history/events.ts';
import { type Duration, toMs } from '../../platform/duration.ts';
import type { ContainerSpec } from '../container/spec.ts';
import type { HttpProbe } from '../endpoints.ts';
import type { Need } from '../needs.ts';
import type { Operation } from '../operations/operation.ts';
import { buildProgress } from '../progress/build-progress.ts';
import { attachTo } from '../started/attach.ts';
import { type CommandSpec, startCommand } from '../started/command.ts';
import type { Ready } from '../started/ready.ts';
import { preparedFolder, type SetupSpec } from '../started/setup.ts';
import type { Target } from '../target.ts';
import { MODEL_ROLES, type Upstream, upstreamsFor } from '../upstreams.ts';
import { buildOperation } from './build-operation.ts';
import { buildTasks } from './build-tasks.ts';
import type {
  CommandServerConfig,
  ContainerServerConfig,
  EndpointConfig,
  TargetConfig,
  UpstreamConfig,
  VariantConfig,
} from './config.ts';
import { fill } from './template.ts';

/** 20 Hz on fresh connections unsettles a server with two threads and four connections. */
const DEFAULT_PROBING = { healthHz: 2, maxOpen: 2 };
/** Taken where the config tells none, and said so. */
export const DEFAULT_REQUEST_MS = 30_000;
const DEFAULT_READY_MS = 60_000;
/** Long enough to end in order, and short enough for a server that hangs. */
const DEFAULT_GRACE_MS = 1_000;

/** @param folder of the config: relative paths begin there. */
export function buildTarget(
  config: TargetConfig,
  folder: string,
  variant: VariantConfig | null = null,
): Target {
  const { server, operations = {}, upstreams = {} } = config;
  const built = Object.fromEntries(
    Object.entries(operations).map(([name, each]) => [name, buildOperation(name, each)]),
  );
  const target = {
    name: config.name ?? 'target',
    limits: { requestMs: DEFAULT_REQUEST_MS, ...declaredLimits(config) },
    upstreams: Object.fromEntries(
      Object.entries(upstreams).map(([name, each]) => [name, upstreamFrom(each)]),
    ),
    fixedLinks: 'attach' in server ? (server.links ?? null) : null,
    health: endpointFrom(config.health),
    readiness: endpointFrom(config.readiness),
    progress: config.progress === undefined ? null : buildProgress(config.progress, folder),
    tasks: config.tasks === undefined ? null : buildTasks(config.tasks),
    sqlite: config.sqlite === undefined ? null : sqliteFile(config.sqlite, folder),
    operations: built,
    probing: { ...DEFAULT_PROBING, ...config.probing },
  };
  const isStarted = !('attach' in server);
  return {
    ...target,
    offers: offersOf(target, isStarted),
    ...preparation(server, variant, folder),
    open: async (context) => {
      if ('attach' in server) return attachTo(server.attach, context);
      if (!('container' in server)) {
        return startCommand(commandFrom(server, variant, folder, target.health), context);
      }
      // Loaded when it is wanted: the clients of container engines take a while.
      const { startContainer } = await import('../container/start.ts');
      return startContainer(containerFrom(server, variant, folder, target.health), context);
    },
  };
}

/** The target with those operations only that the config has for this scenario. */
export function forScenario(
  target: Target,
  { scenarios = {} }: Pick<TargetConfig, 'scenarios'>,
  scenario: string,
): Target {
  const names = scenarios.settings?.[scenario]?.operations ?? scenarios.operations;
  if (names === undefined) return target;
  const operations = Object.fromEntries(
    names.flatMap((name) => {
      const operation = target.operations[name];
      return operation ? [[name, operation] as const] : [];
    }),
  );
  const offers = offersOf({ ...target, operations }, target.offers.has('restart'));
  // What calibration took away stays away.
  return { ...target, operations, offers: offers.intersection(target.offers) };
}

/** The limits that a config tells: calibration derives the others. */
export function declaredLimits({ limits = {} }: Pick<TargetConfig, 'limits'>): Partial<Limits> {
  const { request, firstByte, idle, shutdown, health, backlog } = limits;
  return {
    ...optionalMs('requestMs', request),
    ...optionalMs('firstByteMs', firstByte),
    ...optionalMs('idleMs', idle),
    ...optionalMs('shutdownMs', shutdown),
    ...optionalMs('healthMs', health),
    ...(backlog === undefined ? {} : { backlog }),
  };
}

function optionalMs<K extends string>(name: K, duration: Duration | undefined) {
  return duration === undefined ? {} : ({ [name]: toMs(duration) } as Record<K, number>);
}

function upstreamFrom(config: UpstreamConfig): Upstream {
  if ('model' in config) {
    const { model } = config;
    return { kind: 'model', roles: model === true ? MODEL_ROLES : [model].flat() };
  }
  const colon = config.at.lastIndexOf(':');
  return {
    kind: 'service',
    host: config.at.slice(0, colon).replace(/^\[(.*)\]$/, '$1'),
    port: Number(config.at.slice(colon + 1)),
    start: config.start === undefined ? null : commandWords(config.start),
    http: config.http ?? false,
  };
}

/** Where its file lies in the folder of a run. */
function sqliteFile(path: string, folder: string): (tmp: string) => string {
  return (tmp) => resolve(folder, fill(path, { tmp }));
}

function endpointFrom(config: EndpointConfig | undefined): HttpProbe | null {
  if (config === undefined) return null;
  if (typeof config === 'string') return { path: config, headers: {}, good: [200, 204] };
  return {
    path: config.path,
    headers: config.headers ?? {},
    good: [config.good ?? [200, 204]].flat(),
  };
}

function commandFrom(
  server: CommandServerConfig,
  variant: VariantConfig | null,
  folder: string,
  health: HttpProbe | null,
): CommandSpec {
  const cwd = variant?.cwd ?? server.cwd ?? '.';
  return {
    command: [...commandWords(variant?.command ?? server.command), ...(variant?.args ?? [])],
    setup: setupFrom(server, variant, folder),
    // Below the folder of the setup, which is known when that has run.
    cwd: isAbsolute(cwd) || cwd.startsWith('${') ? cwd : resolve(folder, cwd),
    env: { ...server.env, ...variant?.env },
    inheritEnv: server.inheritEnv ?? true,
    ...lifeFrom(server, health),
  };
}

function setupFrom(
  server: TargetConfig['server'],
  variant: VariantConfig | null,
  configFolder: string,
): SetupSpec | null {
  const setup = variant?.setup ?? ('setup' in server ? server.setup : undefined);
  return setup === undefined ? null : { command: commandWords(setup), configFolder };
}

function preparation(...given: Parameters<typeof setupFrom>): Pick<Target, 'prepare'> {
  const setup = setupFrom(...given);
  if (setup === null) return {};
  return {
    async prepare(context) {
      await preparedFolder(setup, context);
    },
  };
}

/** When it is ready, and how it is ended: the same for a command and a container. */
function lifeFrom(
  { ready, readyTimeout, stop = {} }: Pick<CommandServerConfig, 'ready' | 'readyTimeout' | 'stop'>,
  health: HttpProbe | null,
): Pick<CommandSpec, 'ready' | 'readyMs' | 'stopSignal' | 'graceMs'> {
  return {
    ready: readyFrom(ready, health),
    readyMs: readyTimeout === undefined ? DEFAULT_READY_MS : toMs(readyTimeout),
    stopSignal: stop.signal ?? 'SIGTERM',
    graceMs: stop.grace === undefined ? DEFAULT_GRACE_MS : toMs(stop.grace),
  };
}

function containerFrom(
  server: ContainerServerConfig,
  variant: VariantConfig | null,
  folder: string,
  health: HttpProbe | null,
): ContainerSpec {
  const { container } = server;
  const command = variant?.command ?? server.command;
  const words = [...(command === undefined ? [] : commandWords(command)), ...(variant?.args ?? [])];
  // A container inherits nothing, so there is nothing to take away from it.
  const env = Object.entries({ ...server.env, ...variant?.env }).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const],
  );
  return {
    image:
      'image' in container
        ? { image: container.image }
        : {
            build: resolve(folder, container.build),
            dockerfile: container.dockerfile ?? 'Dockerfile',
          },
    command: words.length === 0 ? null : words,
    env: Object.fromEntries(env),
    ...lifeFrom(server, health),
  };
}

function readyFrom(ready: CommandServerConfig['ready'], health: HttpProbe | null): Ready {
  if (ready === 'port') return { kind: 'port' };
  if (typeof ready === 'object') return { kind: 'line', pattern: ready.stdout };
  if (ready !== undefined) return { kind: 'path', path: ready, headers: {} };
  return health ? { kind: 'path', path: health.path, headers: health.headers } : { kind: 'port' };
}

/** What only a shell understands. */
const SHELL_CHARACTERS = /[|&;<>()`"'*?[\]#~!{}\\\n]|\$(?!\{)/;

/** A plain command line is split into its words; one that needs a shell gets one. */
export function commandWords(command: string | readonly string[]): string[] {
  if (typeof command !== 'string') return [...command];
  const withoutPlaceholders = command.replace(/\$\{[^{}]*\}/g, '');
  if (SHELL_CHARACTERS.test(withoutPlaceholders)) return ['/bin/sh', '-c', command];
  return command.trim().split(/\s+/);
}

function offersOf(
  {
    operations,
    upstreams,
    health,
    readiness,
    progress,
    tasks,
    sqlite,
    limits,
  }: Omit<Target, 'offers' | 'open' | 'name' | 'probing'>,
  isStarted: boolean,
): Set<Need> {
  const offers = new Set<Need>();
  const all = Object.values(operations);
  const offer = (need: Need, isThere: boolean): void => {
    if (isThere) offers.add(need);
  };
  const someWrite = (has: (operation: Operation) => boolean): boolean =>
    all.some((operation) => operation.kind === 'write' && has(operation));
  for (const kind of ['write', 'read', 'delete', 'stream'] as const) {
    offer(
      kind,
      all.some((operation) => operation.kind === kind),
    );
  }
  offer(
    'operation',
    all.some(({ kind }) => ['read', 'write', 'stream'].includes(kind)),
  );
  offer(
    'sized-write',
    someWrite(({ isSized }) => isSized),
  );
  offer(
    'marked-write',
    someWrite(({ carriesText }) => carriesText),
  );
  offer(
    'done',
    someWrite(({ promises }) => promises?.done != null),
  );
  offer(
    'held',
    someWrite(({ promises }) => promises?.done != null),
  );
  offer(
    'find',
    someWrite(({ promises }) => promises?.find != null),
  );
  offer('health', health !== null);
  offer('readiness', readiness !== null);
  offer('progress', progress !== null);
  offer('tasks', tasks !== null);
  offer('sqlite', sqlite !== null);
  offer('backlog', limits.backlog !== undefined);
  for (const need of ['restart', 'stop', 'fd-limit', 'temporary-folder'] as const) {
    offer(need, isStarted);
  }
  for (const role of MODEL_ROLES) offer(role, upstreamsFor(upstreams, role).length > 0);
  offer('upstream', Object.keys(upstreams).length > 0);
  const services = Object.values(upstreams).filter((upstream) => upstream.kind === 'service');
  offer(
    'http-upstream',
    services.some(({ http }) => http),
  );
  offer('bystander', offers.has('read'));
  return offers;
}
