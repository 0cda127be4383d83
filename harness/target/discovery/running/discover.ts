/** Finds out what a running server offers: its health, its document, its operations, its progress. */
import { EXIT, HanglabError } from '../../../platform/errors.ts';
import type { EndpointConfig, OperationConfig, TargetConfig } from '../../config/config.ts';
import type { Address } from '../../endpoints.ts';
import { httpClient } from '../../operations/http.ts';
import type { Input } from '../../operations/input.ts';
import { linkItems } from '../item-links.ts';
import {
  type Candidate,
  nameFor,
  type Offered,
  together,
  type Unused,
  withoutUsed,
} from '../offered.ts';
import type { Json, OpenApiDocument } from '../openapi/document.ts';
import { nearestPath } from '../openapi/nearest-path.ts';
import { operationsOf } from '../openapi/operations.ts';
import { pathIn } from '../operation-path.ts';
import { ask, GET } from './ask.ts';
import { documentAt, type FoundDocument, findDocument } from './find-document.ts';
import { type FoundHealth, findHealth, NOWHERE } from './find-health.ts';
import { progressIn } from './progress-fields.ts';
import { type KeptOperation, tryAll } from './try-all.ts';

export interface DiscoverOptions {
  /** The server, its upstreams and its limits: what is known before it runs. */
  base: TargetConfig;
  /** Operations that the user gave in lines, and by a recording. */
  requests: readonly Candidate[];
  recorded: Offered;
  /** What its source declares: used where nothing else says what it can be asked. */
  source: Offered;
  /** Where the user says that the document is; null looks in the usual places. */
  openapi: string | null;
  /** The path that the user gave. */
  health: string | null;
  token: string | null;
  /** Headers that every operation gets. */
  headers: Readonly<Record<string, string>>;
  inputs: (index: number) => Input;
  answerMs: number;
  /** What relative paths are relative to. */
  folder: string;
  signal: AbortSignal;
  onTry?(label: string): void;
}

export interface Discovery {
  /** The base, completed. */
  config: TargetConfig;
  /** Why this endpoint was taken for its health, where it was guessed. */
  healthFrom: 'given' | 'usual' | 'cheapest' | 'root' | null;
  document: FoundDocument | null;
  operations: readonly KeptOperation[];
  unused: readonly Unused[];
}

/** More than any page that is meant for a person. */
const MAX_BYTES = 1_000_000;

/** @throws HanglabError `bad-openapi`, `not-as-declared` for a request that the user gave. */
export async function discover(address: Address, options: DiscoverOptions): Promise<Discovery> {
  const { base, requests, recorded, openapi, answerMs, signal, folder } = options;
  await using client = httpClient(`http://${address.host}:${address.port}`);
  const limits = { withinMs: answerMs, maxBytes: MAX_BYTES, signal };
  const nowhere = await ask(client, GET(NOWHERE), limits);
  if (nowhere.status === null && openapi === null) return silent(options);
  const document =
    openapi === null
      ? await findDocument(client, signal)
      : await documentAt(openapi, client, folder, signal);
  const paths = document === null ? [] : Object.keys(document.document.root.paths as Json);
  const health =
    options.health === null && nowhere.status !== null
      ? await findHealth(client, nowhere, paths, signal)
      : { path: options.health, root: null };
  const lines = linkItems(requests);
  const documented =
    document === null
      ? { candidates: [], unused: [] }
      : operationsOf(document.document, options.token);
  const hasDocument = document !== null || recorded.candidates.length > 0;
  const source = hasDocument || requests.length > 0 ? NOTHING : options.source;
  const all = together([lines, recorded, documented, source]);
  const isHealth = ({ config }: Candidate): boolean => config.get === health.path;
  const candidates = [
    ...all.candidates.filter((each) => !isHealth(each) || lines.candidates.some(isHealth)),
    ...(hasDocument || all.candidates.some(({ config }) => config.get === '/') ? [] : [ROOT]),
  ].map((candidate) => withHeaders(candidate, options.headers));
  const given = new Set(lines.candidates.map(({ label }) => label));
  const tried = await tryAll(candidates, { ...options, client, given });
  checkGiven(tried.kept, document?.document ?? null, openapi);
  const kept = [...tried.kept];
  const hasRead = kept.some(({ candidate }) => candidate.config.get !== undefined);
  if (!hasRead && health.path !== null) {
    kept.push({ candidate: readOf(health.path), answer: null, problem: null });
  }
  const endpoint = healthFrom(options.health, health, kept);
  const progress = kept
    .filter(({ candidate }) => candidate.config.get !== undefined)
    .map(({ candidate, answer }) => progressIn(pathIn(candidate.config), answer?.text ?? ''))
    .find((found) => found !== null);
  const config: TargetConfig = {
    ...base,
    ...(endpoint.health === null ? {} : { health: endpoint.health }),
    ...(progress ? { progress } : {}),
    operations: Object.fromEntries(
      kept.map(({ candidate }): [string, OperationConfig] => [candidate.name, candidate.config]),
    ),
  };
  const unused = withoutUsed(
    [...all.unused, ...tried.unused.filter((each) => !isNoRoute(each, source))],
    kept.map(({ candidate }) => candidate),
  );
  return { config, healthFrom: endpoint.from, document, operations: kept, unused };
}

/** It answers nothing at all, so it hangs: its root, or what the user gave, shows why in the first scenario. */
function silent({ base, requests, health }: DiscoverOptions): Discovery {
  const candidates = requests.length > 0 ? linkItems(requests).candidates : [ROOT];
  const operations = candidates.map((candidate) => ({ candidate, answer: null, problem: null }));
  const config = {
    ...base,
    ...(health === null ? {} : { health }),
    operations: Object.fromEntries(candidates.map(({ name, config }) => [name, config])),
  };
  return { config, healthFrom: null, document: null, operations, unused: [] };
}

const NOTHING: Offered = { candidates: [], unused: [] };

/** What looked like a route in the source may be a call to another server. */
function isNoRoute({ label, reason }: Unused, { candidates }: Offered): boolean {
  return /status 40[45]\b/.test(reason) && candidates.some((each) => each.label === label);
}

function readOf(path: string): Candidate {
  return { name: nameFor('get', path), label: `GET ${path}`, config: { get: path }, guesses: [] };
}

/** What a server without a document may be asked. */
const ROOT = readOf('/');

function withHeaders(candidate: Candidate, headers: DiscoverOptions['headers']): Candidate {
  if (Object.keys(headers).length === 0) return candidate;
  const own = candidate.config.headers as Readonly<Record<string, string>> | undefined;
  return { ...candidate, config: { ...candidate.config, headers: { ...headers, ...own } } };
}

/** What the user gave and the server does not answer as a good request is no finding but a mistake. */
function checkGiven(
  kept: readonly KeptOperation[],
  document: OpenApiDocument | null,
  openapi: string | null,
): void {
  const problems = kept.flatMap(({ candidate, answer, problem }) => {
    if (problem === null || answer === null) return [];
    const near =
      answer.status === 404 && document ? nearestPath(document, pathIn(candidate.config)) : null;
    const hint = near === null ? '' : `. ${openapi ?? 'Its document'} has ${near}`;
    return [`${candidate.label} ${problem}${hint}`];
  });
  if (problems.length === 0) return;
  throw new HanglabError('not-as-declared', 'the server does not answer as --request expects:', {
    exitCode: EXIT.usage,
    problems,
  });
}

/** The given path, a usual one, else the read that was answered first, else whatever `/` answers. */
function healthFrom(
  given: string | null,
  { path: usual, root }: FoundHealth,
  kept: readonly KeptOperation[],
): { health: EndpointConfig | null; from: Discovery['healthFrom'] } {
  if (given !== null) return { health: given, from: 'given' };
  if (usual !== null) return { health: usual, from: 'usual' };
  const reads = kept.filter(
    ({ candidate: { config }, answer, problem }) =>
      answer !== null && problem === null && config.get !== undefined && !config.stream,
  );
  const [cheapest] = reads.toSorted((a, b) => a.answer!.tookMs - b.answer!.tookMs);
  if (cheapest === undefined) {
    return root === null
      ? { health: null, from: null }
      : { health: { path: '/', good: root }, from: 'root' };
  }
  const { config } = cheapest.candidate;
  const path = pathIn(config);
  const good = cheapest.answer!.status;
  const headers = config.headers as Readonly<Record<string, string>> | undefined;
  const isPlain = good === 200 && headers === undefined;
  return {
    health: isPlain ? path : { path, good, ...(headers ? { headers } : {}) },
    from: 'cheapest',
  };
}
