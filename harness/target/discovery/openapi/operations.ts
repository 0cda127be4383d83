/** From an OpenAPI document to the operations of a config. What cannot be used is listed with the reason. */
import type { StreamFormat } from '../../operations/stream-spec.ts';
import {
  type Candidate,
  DANGEROUS_REASON,
  isDangerous,
  nameFor,
  type Offered,
  type Secret,
  together,
  type Unused,
} from '../offered.ts';
import { queryOf } from '../operation-path.ts';
import { promised } from '../promised.ts';
import { secretVariable } from '../secrets.ts';
import { type Body, bodyFor, NoBody } from './body.ts';
import { entriesOf, isObject, type Json, type OpenApiDocument, objectsIn } from './document.ts';
import { parametersOf } from './parameters.ts';
import { goodAnswer, goodAnswers, idPathOf, itemOf } from './promises.ts';
import { BadReference, resolved } from './references.ts';
import { BadSchema } from './schema.ts';
import { type Credentials, credentialsFor } from './security.ts';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
type Method = (typeof METHODS)[number];

/** Operations that are read at all: more than any server that one person knows. */
const MAX_OPERATIONS = 2_000;

interface Entry {
  method: Method;
  /** As the document has it: `/documents/{id}`. */
  path: string;
  pathItem: Json;
  operation: Json;
  label: string;
}

/** @param token sent where the document asks for one; null when there is none. */
export function operationsOf({ root }: OpenApiDocument, token: string | null): Offered {
  const base = basePath(root);
  const paths = root.paths as Json;
  const candidates: Candidate[] = [];
  const unused: Unused[] = [];
  for (const entry of entriesIn(paths, root, unused)) {
    try {
      candidates.push(...candidatesFor(entry, { root, paths, base, token }));
    } catch (error) {
      unused.push({ label: entry.label, reason: reasonOf(error) });
    }
  }
  return together([{ candidates, unused }]);
}

/** Why an operation is left out. */
class Left extends Error {}

function reasonOf(error: unknown): string {
  const { message } = error as Error;
  if (error instanceof Left || error instanceof BadReference) return message;
  if (error instanceof NoBody) return `${message}: give it by --request`;
  if (error instanceof BadSchema) {
    return `needs a value that hanglab could not make, since ${message}: give it by --request`;
  }
  return `cannot be read: ${message}`;
}

function entriesIn(paths: Json, root: Json, unused: Unused[]): Entry[] {
  const entries: Entry[] = [];
  for (const [path, given] of entriesOf(paths)) {
    try {
      const pathItem = resolved(given, root);
      for (const method of METHODS) {
        const operation = pathItem[method];
        if (!isObject(operation)) continue;
        const label = `${method.toUpperCase()} ${path}`;
        entries.push({ method, path, pathItem, operation, label });
      }
    } catch (error) {
      unused.push({ label: path, reason: reasonOf(error) });
    }
  }
  return entries.slice(0, MAX_OPERATIONS);
}

interface Context {
  root: Json;
  paths: Json;
  base: string;
  token: string | null;
}

/** The operation, and the delete that belongs to it. @throws Left, NoBody, BadSchema, BadReference */
function candidatesFor(entry: Entry, { root, paths, base, token }: Context): Candidate[] {
  const { method, path, pathItem, operation, label } = entry;
  if (operation.deprecated === true) throw new Left('the document calls it deprecated');
  if (isDangerous(path)) throw new Left(DANGEROUS_REASON);
  if (method === 'delete') {
    throw new Left('no write is known to make what it deletes');
  }
  const credentials = credentialsFor(operation, root, token);
  if (credentials === null) {
    throw new Left(
      token === null
        ? 'needs a token: give --token'
        : 'needs credentials of a kind that hanglab cannot send: give --header',
    );
  }
  const body = method === 'get' ? {} : bodyFor(operation, root);
  const target = pathFor(entry, base, parametersOf(pathItem, operation, root), credentials);
  const headers = { ...body.headers, ...target.headers };
  const stream = method === 'get' || method === 'post' ? streamOf(operation, root) : null;
  const secrets = secretsOf(credentials);
  const candidate: Candidate = {
    name: nameOf(operation, method, path),
    label,
    config: {
      [method]: target.path,
      ...withoutHeaders(body),
      ...(Object.keys(headers).length === 0 ? {} : { headers }),
      ...(stream === null ? {} : { stream }),
    },
    guesses: [],
    ...(secrets.length === 0 ? {} : { secrets }),
  };
  return method === 'post' || method === 'put'
    ? asWrite(candidate, path, operation, { root, paths, base })
    : [candidate];
}

function asWrite(
  candidate: Candidate,
  path: string,
  operation: Json,
  { root, paths, base }: Omit<Context, 'token'>,
): Candidate[] {
  const below = itemOf(path, paths, root);
  const item = below && {
    ...below,
    get: below.get && base + below.get,
    remove: below.remove && base + below.remove,
  };
  const schema = goodAnswer(operation, root);
  const id = schema && idPathOf(schema, root, item?.parameter ?? null);
  if (id === null) return [{ ...candidate, ...(item === null ? {} : { item }) }];
  return promised(candidate, id, item);
}

function secretsOf({ headers, query }: Credentials): Secret[] {
  return [...Object.entries(headers), ...queryOf(`?${query}`)].map(([name, value]) => ({
    value,
    variable: secretVariable(name),
  }));
}

/** The path with its parameters and query filled in. @throws Left */
function pathFor(
  { path, method }: Entry,
  base: string,
  { path: values, query, headers }: ReturnType<typeof parametersOf>,
  credentials: Credentials,
): { path: string; headers: Readonly<Record<string, string>> } {
  const missing: string[] = [];
  const filled = path.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const value = values.get(name);
    if (value === undefined) missing.push(whole);
    return value ?? whole;
  });
  if (missing.length > 0) {
    const verb = method === 'get' ? 'GET' : method.toUpperCase();
    throw new Left(
      `needs a value for ${missing.join(' and ')}: give it by --request '${verb} ${path}'`,
    );
  }
  const queries = [query, credentials.query].filter((part) => part !== '').join('&');
  return {
    path: base + filled + (queries === '' ? '' : `?${queries}`),
    headers: { ...headers, ...credentials.headers },
  };
}

const STREAMS = [
  [/^text\/event-stream/, 'sse'],
  [/^application\/(x-ndjson|ndjson|jsonl|x-jsonlines|stream\+json|json-seq)/, 'ndjson'],
] as const;

/** How a good answer comes in pieces; null when it comes whole. */
function streamOf(operation: Json, root: Json): StreamFormat | null {
  const types = goodAnswers(operation, root).flatMap(({ content }) =>
    entriesOf(content).map(([type]) => type.toLowerCase()),
  );
  // One that may come either way comes whole unless it is asked otherwise.
  if (types.some((type) => type.startsWith('application/json'))) return null;
  return STREAMS.find(([pattern]) => types.some((type) => pattern.test(type)))?.[1] ?? null;
}

function withoutHeaders({ headers: _, ...body }: Body): Body {
  return body;
}

/** The document's own name where it is a plain one; some frameworks make names of module, path and method. */
function nameOf({ operationId }: Json, method: string, path: string): string {
  const isPlain = typeof operationId === 'string' && /^[a-z][a-zA-Z0-9]{2,29}$/.test(operationId);
  return isPlain ? operationId : nameFor(method, path);
}

/** The path before all paths, by the document's first server; what host it names does not matter. */
function basePath({ servers }: Json): string {
  const [first] = objectsIn(servers);
  if (typeof first?.url !== 'string') return '';
  const variables = new Map(entriesOf(first.variables));
  const url = first.url.replace(/\{([^{}]+)\}/g, (_, name: string) =>
    String(variables.get(name)?.default ?? ''),
  );
  try {
    const { pathname } = new URL(url, 'http://127.0.0.1/');
    return pathname.replace(/\/+$/, '');
  } catch {
    return '';
  }
}
