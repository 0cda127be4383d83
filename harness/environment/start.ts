/**
 * Starts everything that a run stands on, as one, and disposes it as one: links, scripted model, upstreams and
 * target.
 *
 *   clients --front--> target --(a link for each upstream)--> scripted model, or a service
 */
import { join } from 'node:path';
import type { Recorder } from '../history/recorder.ts';
import { type HttpUpstream, startHttpUpstream } from '../http-upstream/proxy.ts';
import { type Link, type ProviderName, startToxiproxy } from '../links/toxiproxy.ts';
import { type Behaviour, type Rule, type ScriptedModel, startScriptedModel } from '../llm/index.ts';
import { HanglabError } from '../platform/errors.ts';
import { random } from '../platform/random.ts';
import type { Reaper } from '../reaper/reaper.ts';
import { loadCorpus } from '../requests/inputs.ts';
import { operationSet } from '../requests/operation-set.ts';
import { keepReceipts } from '../requests/receipts.ts';
import { recordRequests } from '../requests/requests.ts';
import { operationSender } from '../requests/sender.ts';
import type { Launcher } from '../target/launcher.ts';
import { httpClient } from '../target/operations/http.ts';
import type {
  RunningTarget,
  ServerOverrides,
  Target,
  TargetContext,
  UpstreamAddress,
} from '../target/target.ts';
import type { ServiceUpstream, Upstream } from '../target/upstreams.ts';
import { borrowLinks } from './borrow-links.ts';
import type { Environment, ModelRules } from './environment.ts';
import { checkService, startService } from './service.ts';
import { serviceTraffic } from './service-traffic.ts';
import { targetSlot } from './target-slot.ts';

export interface EnvironmentOptions {
  target: Target;
  /** Completes what is known of the target once it runs: its operations and endpoints. Its upstreams stay. */
  describe?(running: RunningTarget): Promise<Target>;
  /** The upstreams that faults will be injected into: what does not use them is a bystander. */
  faulted: ReadonlySet<string>;
  /** RLIMIT_NOFILE of the target. */
  fdLimit?: number;
  /** What is set at the target otherwise than its own defaults. */
  overrides?: ServerOverrides;
  seed: number;
  scale: number;
  /** Further options of the Node that runs the target. */
  nodeOptions?: readonly string[];
  /** Starts and ends the target's process in its own way: under a profiler, say. */
  launcher?: Launcher;
  toxiproxy: { provider: ProviderName; url?: string };
  documentsFolder: string | null;
  reportFolder: string;
  recorder: Recorder;
  reaper: Reaper;
  signal: AbortSignal;
}

/** @throws HanglabError when a part does not come up; what had come up is down again then. */
export async function startEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const { recorder, reaper, seed, signal, target } = options;
  const { upstreams } = target;
  const draws = random(seed);
  const trouble = (part: string) => (message: string) =>
    recorder.record({ kind: 'harness-trouble', part, message });
  await using stack = new AsyncDisposableStack();

  const toxiproxy = stack.use(
    await startToxiproxy({ ...options.toxiproxy, seed, signal, onTrouble: trouble('toxiproxy') }),
  );
  if (toxiproxy.pid) reaper.watchGroup(toxiproxy.pid);
  if (toxiproxy.containerId) reaper.watchContainer(toxiproxy.containerId);
  const folder = reaper.temporaryFolder('target');
  const model = await startModel(options, stack);
  const services = await Promise.all(
    Object.entries(upstreams).map(async ([name, upstream]) => {
      if (upstream.kind === 'model') return [];
      if (upstream.start === null) {
        await checkService(name, upstream, signal);
        return [];
      }
      const logFile = join(options.reportFolder, `${name}.log`);
      return [stack.use(await startService(name, upstream, { folder, logFile, reaper, signal }))];
    }),
  );
  const listen = await fixedPorts(options, stack);
  const link = async (name: string, upstream: string): Promise<Link> => {
    const at = listen[name];
    const wanted = { name: linkName(name, recorder), upstream };
    return stack.use(await toxiproxy.link(at === undefined ? wanted : { ...wanted, listen: at }));
  };
  const links: Record<string, Link> = {};
  const httpUpstreams = await startHttpUpstreams(upstreams, recorder, stack);
  for (const [name, upstream] of Object.entries(upstreams)) {
    const proxy = httpUpstreams[name];
    const port = upstream.kind === 'model' ? model?.upstreams[name]?.port : proxy?.port;
    const at = port === undefined ? addressOf(upstream as ServiceUpstream) : `127.0.0.1:${port}`;
    links[name] = await link(name, at);
  }
  const context = contextOf(options, folder, links);
  const slot = stack.use(await targetSlot((port) => target.open({ ...context, port }), recorder));
  const declared = (await options.describe?.(slot.current)) ?? target;
  const { host, port } = slot.current;
  const front = await link('front', `${host}:${port}`);
  links.front = front;
  const requests = stack.use(recordRequests(recorder));
  const client = stack.use(httpClient(`http://${front.host}:${front.port}`));
  const over = new AbortController();
  // Requests that are still open are given up before the target goes, so that they end as unknown.
  stack.defer(async () => {
    over.abort();
    await requests[Symbol.asyncDispose]();
  });
  const receipts = keepReceipts();
  const pids = () => slot.current.processes.pids();
  const traffic = serviceTraffic({ upstreams, links, pids, recorder });
  const ownedStack = stack.move();
  return {
    toxiproxy,
    links,
    upstreams,
    model,
    modelRules: modelRules(model),
    httpUpstreams,
    sqliteFile: declared.sqlite?.(folder) ?? null,
    declared,
    get target() {
      return slot.current;
    },
    slot,
    requests,
    receipts,
    traffic,
    sender: operationSender({
      ...{ client, requests, receipts, recorder, signal: over.signal },
      limits: declared.limits,
    }),
    operations: operationSet({
      operations: declared.operations,
      faulted: options.faulted,
      recorder,
      // What it answers comes after the events that it had seen by then.
      upstreamsTold: async () => {
        await model?.hits();
        await traffic.tell();
      },
    }),
    inputs: loadCorpus(options.documentsFolder, draws.fork('documents')),
    random: draws,
    scale: options.scale,
    recorder,
    companions: [
      ...(model ? [model.pid] : []),
      ...(toxiproxy.pid ? [toxiproxy.pid] : []),
      ...services.flat().map(({ pid }) => pid),
    ],
    [Symbol.asyncDispose]: () => ownedStack.disposeAsync(),
  };
}

/** Where links have to listen, since their target was started with these addresses; none where it was not. */
async function fixedPorts(
  { target: { fixedLinks, upstreams }, signal }: EnvironmentOptions,
  stack: AsyncDisposableStack,
): Promise<Readonly<Record<string, string>>> {
  if (fixedLinks === null) return {};
  const { listen } = stack.use(await borrowLinks(fixedLinks, signal));
  const missing = Object.keys(upstreams).filter((name) => listen[name] === undefined);
  if (missing.length === 0) return listen;
  throw new HanglabError(
    'no-such-link',
    `\`hanglab links\` on port ${fixedLinks} has no link ${missing.join(' and ')}: it has ${Object.keys(listen).join(', ')}`,
  );
}

/** One process for all upstreams that are models, with a port for each. */
async function startModel(
  { target, recorder, reaper, seed, signal }: EnvironmentOptions,
  stack: AsyncDisposableStack,
): Promise<ScriptedModel | null> {
  const { upstreams } = target;
  const names = Object.keys(upstreams).filter((name) => upstreams[name]?.kind === 'model');
  if (names.length === 0) return null;
  const model = stack.use(
    await startScriptedModel({
      seed,
      signal,
      upstreams: Object.fromEntries(names.map((name) => [name, 0])),
      onEvent(event) {
        if (event.kind !== 'model-start') {
          const { atMs, ...body } = event;
          return recorder.record(body, atMs);
        }
        const { atMs, kind, id, operation, subject, upstream, answersTool } = event;
        const about = { operation, subject, ...(answersTool ? { answersTool } : {}) };
        recorder.record({ kind, id, ...about, upstream: upstream ?? 'model' }, atMs);
      },
      onExit: ({ code, signal: endedBy, lastWords }) =>
        recorder.record({
          kind: 'harness-trouble',
          part: 'scripted model',
          message: `it exited unexpectedly (${endedBy ?? code}): ${lastWords}`,
        }),
    }),
  );
  reaper.watchGroup(model.pid);
  return model;
}

/** Above the numbers that the scripted model gives to its calls. */
const FIRST_CALL_ID = 2 ** 32;

/** A proxy for each service that speaks HTTP. */
async function startHttpUpstreams(
  upstreams: Readonly<Record<string, Upstream>>,
  recorder: Recorder,
  stack: AsyncDisposableStack,
): Promise<Record<string, HttpUpstream>> {
  let lastId = FIRST_CALL_ID;
  const proxies: Record<string, HttpUpstream> = {};
  for (const [name, upstream] of Object.entries(upstreams)) {
    if (upstream.kind !== 'service' || !upstream.http) continue;
    const { host, port } = upstream;
    const proxy = await startHttpUpstream({
      ...{ name, host, port },
      nextId: () => ++lastId,
      onEvent: (event) => recorder.record(event),
    });
    proxies[name] = stack.use(proxy);
  }
  return proxies;
}

function addressOf({ host, port }: ServiceUpstream): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function contextOf(
  options: EnvironmentOptions,
  folder: string,
  links: Readonly<Record<string, Link>>,
): Omit<TargetContext, 'port'> {
  const { target, reaper, fdLimit, overrides, nodeOptions, launcher, signal } = options;
  const addresses = Object.entries(target.upstreams).map(([name, { kind }]) => {
    const { host, port } = links[name] as Link;
    return [name, { kind, host, port } satisfies UpstreamAddress] as const;
  });
  return {
    upstreams: Object.fromEntries(addresses),
    folder,
    logFile: join(options.reportFolder, 'target.log'),
    ...(fdLimit === undefined ? {} : { fdLimit }),
    ...(overrides ? { overrides } : {}),
    ...(nodeOptions ? { nodeOptions } : {}),
    ...(launcher ? { launcher } : {}),
    watchGroup: (pid, mark) => reaper.watchGroup(pid, mark),
    forgetGroup: (pid) => reaper.forgetGroup(pid),
    watchContainer: (id) => reaper.watchContainer(id),
    forgetContainer: (id) => reaper.forgetContainer(id),
    signal,
  };
}

/** Names are unique on a Toxiproxy that several runs share. */
function linkName(name: string, recorder: Recorder): string {
  return `hanglab-${process.pid}-${Math.round(recorder.startedAtMs)}-${name}`;
}

function modelRules(model: ScriptedModel | null): ModelRules {
  const rules: { when?: Rule['when']; behaviour: Behaviour }[] = [];
  return {
    async add(rule) {
      rules.push(rule);
      await model?.script(rules);
      return {
        async [Symbol.asyncDispose]() {
          rules.splice(rules.indexOf(rule), 1);
          await model?.script(rules);
        },
      };
    },
  };
}
