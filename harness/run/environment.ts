/**
 * Everything that a run stands on, started and disposed as one: links, scripted model and target.
 *
 *   clients --front--> target --llm, embeddings--> scripted model
 */
import { join } from 'node:path';
import type { Recorder } from '../history/recorder.ts';
import {
  type Link,
  type ProviderName,
  startToxiproxy,
  type Toxiproxy,
} from '../links/toxiproxy.ts';
import type { Behaviour, Rule } from '../llm/behaviour.ts';
import { type ScriptedModel, startScriptedModel } from '../llm/start.ts';
import { type Corpus, type Document, loadCorpus } from '../load/documents.ts';
import { type Requests, recordRequests } from '../load/requests.ts';
import { type Random, random } from '../platform/random.ts';
import type { Reaper } from '../reaper/reaper.ts';
import type { Launcher, TargetHandle } from '../target/adapter.ts';
import { referenceClient, type TargetClient } from '../target/reference-client.ts';
import { startReferenceTarget } from '../target/reference-target.ts';
import { type TargetSlot, targetSlot } from './target-slot.ts';

export type LinkName = 'front' | 'llm' | 'embeddings';

export interface EnvironmentOptions {
  seed: number;
  scale: number;
  defect: string | null;
  /** What the scenario sets at the target. */
  target?: { settings?: Readonly<Record<string, number>>; fdLimit?: number };
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

/** A document that the target has acknowledged, and whether its deletion was acknowledged too. */
export interface Accepted {
  id: string;
  document: Document;
  deleted?: boolean;
}

/** The model's rules in force: each fault adds its own and takes only that away again. */
export interface ModelRules {
  add(rule: Rule): Promise<AsyncDisposable>;
}

export interface Environment extends AsyncDisposable {
  readonly toxiproxy: Toxiproxy;
  readonly links: Readonly<Record<LinkName, Link>>;
  readonly model: ScriptedModel;
  readonly modelRules: ModelRules;
  /** The process that is in the target's place now. */
  readonly target: TargetHandle;
  readonly slot: TargetSlot;
  /** Over the front link. */
  readonly client: TargetClient;
  readonly requests: Requests;
  readonly corpus: Corpus;
  readonly random: Random;
  readonly scale: number;
  readonly recorder: Recorder;
  /** Documents that the target has acknowledged, in order. */
  readonly accepted: Accepted[];
  /** The number of the next document: every upload of a run is a different one. */
  nextIndex(): number;
}

/** @throws HanglabError when a part does not come up; what had come up is down again then. */
export async function startEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const { recorder, reaper, seed, signal } = options;
  const draws = random(seed);
  const trouble = (part: string) => (message: string) =>
    recorder.record({ kind: 'harness-trouble', part, message });
  await using stack = new AsyncDisposableStack();

  const toxiproxy = stack.use(
    await startToxiproxy({ ...options.toxiproxy, seed, signal, onTrouble: trouble('toxiproxy') }),
  );
  if (toxiproxy.pid) reaper.watchGroup(toxiproxy.pid);
  if (toxiproxy.containerId) reaper.watchContainer(toxiproxy.containerId);
  const model = stack.use(
    await startScriptedModel({
      seed,
      signal,
      onEvent: ({ atMs, ...body }) => recorder.record(body, atMs),
      onExit: ({ code, signal: endedBy, lastWords }) =>
        trouble('scripted model')(`it ended by itself (${endedBy ?? code}): ${lastWords}`),
    }),
  );
  reaper.watchGroup(model.pid);
  const link = async (name: LinkName, upstream: string): Promise<Link> =>
    stack.use(await toxiproxy.link({ name: linkName(name, recorder), upstream }));
  const llm = await link('llm', `127.0.0.1:${model.port}`);
  const embeddings = await link('embeddings', `127.0.0.1:${model.port}`);
  const dataFolder = reaper.temporaryFolder('target');
  const startTarget = (port: number): Promise<TargetHandle> =>
    startReferenceTarget({
      ...options.target,
      ...(options.launcher ? { launcher: options.launcher } : {}),
      ...(options.nodeOptions ? { nodeOptions: options.nodeOptions } : {}),
      dataFolder,
      modelUrl: `http://${llm.host}:${llm.port}/v1`,
      embeddingsUrl: `http://${embeddings.host}:${embeddings.port}/v1`,
      defect: options.defect,
      logFile: join(options.reportFolder, 'target.log'),
      port,
      watchGroup: (pid) => reaper.watchGroup(pid),
      forgetGroup: (pid) => reaper.forgetGroup(pid),
    });
  const slot = stack.use(await targetSlot(startTarget, recorder));
  const target = slot.current;
  const front = await link('front', `${target.host}:${target.port}`);
  const requests = stack.use(recordRequests(recorder));
  const client = stack.use(referenceClient(`http://${front.host}:${front.port}`));
  // Requests that are still open are given up before the target goes, so that they end as unknown.
  stack.defer(() => requests[Symbol.asyncDispose]());

  let lastIndex = 0;
  const ownedStack = stack.move();
  return {
    toxiproxy,
    links: { front, llm, embeddings },
    model,
    modelRules: modelRules(model),
    get target() {
      return slot.current;
    },
    slot,
    client,
    requests,
    corpus: loadCorpus(options.documentsFolder, draws.fork('documents')),
    random: draws,
    scale: options.scale,
    recorder,
    accepted: [],
    nextIndex: () => ++lastIndex,
    [Symbol.asyncDispose]: () => ownedStack.disposeAsync(),
  };
}

/** Names are unique on a Toxiproxy that several runs share. */
function linkName(name: LinkName, recorder: Recorder): string {
  return `hanglab-${process.pid}-${Math.round(recorder.startedAtMs)}-${name}`;
}

function modelRules(model: ScriptedModel): ModelRules {
  const rules: { when?: Rule['when']; behaviour: Behaviour }[] = [];
  return {
    async add(rule) {
      rules.push(rule);
      await model.script(rules);
      return {
        async [Symbol.asyncDispose]() {
          rules.splice(rules.indexOf(rule), 1);
          await model.script(rules);
        },
      };
    },
  };
}
