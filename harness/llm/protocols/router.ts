/** From method and path to an endpoint, under any of the base URLs that clients are given. */
import type { IncomingHttpHeaders } from 'node:http';
import { anthropic } from './anthropic/errors.ts';
import { countTokens, messages } from './anthropic/messages.ts';
import { anthropicModels } from './anthropic/models.ts';
import type { Endpoint, Provider } from './endpoint.ts';
import { ollamaChat, ollamaGenerate } from './ollama/chat.ts';
import { ollama } from './ollama/errors.ts';
import {
  ollamaEmbed,
  ollamaEmbeddings,
  ollamaRunning,
  ollamaShow,
  ollamaTags,
  ollamaVersion,
} from './ollama/others.ts';
import { chatCompletions } from './openai/chat.ts';
import { completions } from './openai/completions.ts';
import { embeddings } from './openai/embeddings.ts';
import { openai } from './openai/errors.ts';
import { models } from './openai/models.ts';
import { responsesEndpoints } from './openai/responses.ts';
import { rerank } from './rerank.ts';

export type Found =
  | { kind: 'endpoint'; endpoint: Endpoint; names: Record<string, string> }
  /** There is the path, but not for this method. */
  | { kind: 'wrong-method'; allowed: string[]; provider: Provider }
  | { kind: 'nothing'; provider: Provider };

export type Router = (method: string, path: string, headers: IncomingHttpHeaders) => Found;

interface Route {
  path: RegExp;
  endpoint: Endpoint;
  /** For what two providers have at the same path. */
  isFor?: (headers: IncomingHttpHeaders) => boolean;
}

/**
 * Before the path proper: a base URL with `/v1` or without, or with the client's own once more; Azure's
 * deployments; and where gateways and other providers put their compatible routes.
 */
const PREFIX =
  /^\/openai\/deployments\/(?<deployment>[^/]+)(?=\/)|^(?:\/(?:openai|anthropic|api))?(?:\/v1(?:beta)?)*(?:\/openai)?(?=\/)/;

const OLLAMA: Route[] = [
  { path: /^\/api\/chat$/, endpoint: ollamaChat },
  { path: /^\/api\/generate$/, endpoint: ollamaGenerate },
  { path: /^\/api\/embed$/, endpoint: ollamaEmbed },
  { path: /^\/api\/embeddings$/, endpoint: ollamaEmbeddings },
  { path: /^\/api\/tags$/, endpoint: ollamaTags },
  { path: /^\/api\/ps$/, endpoint: ollamaRunning },
  { path: /^\/api\/show$/, endpoint: ollamaShow },
  { path: /^\/api\/version$/, endpoint: ollamaVersion },
];

const isAnthropic = (headers: IncomingHttpHeaders): boolean =>
  headers['anthropic-version'] !== undefined;

/** The routes of one server, with what they keep between requests. */
export function createRouter(): Router {
  const responses = responsesEndpoints();
  const routes: Route[] = [
    { path: /^\/chat\/completions$/, endpoint: chatCompletions },
    { path: /^\/completions$/, endpoint: completions },
    { path: /^\/embeddings$/, endpoint: embeddings },
    { path: /^\/responses$/, endpoint: responses.create },
    { path: /^\/responses\/(?<id>[^/]+)$/, endpoint: responses.retrieve },
    { path: /^\/responses\/(?<id>[^/]+)$/, endpoint: responses.remove },
    { path: /^\/models(?:\/(?<id>.+))?$/, endpoint: anthropicModels, isFor: isAnthropic },
    { path: /^\/models(?:\/(?<id>.+))?$/, endpoint: models },
    { path: /^\/messages$/, endpoint: messages },
    { path: /^\/messages\/count_tokens$/, endpoint: countTokens },
    { path: /^(?:\/v2)?\/rerank$/, endpoint: rerank },
  ];
  return (method, given, headers) => {
    const path = given.length > 1 ? given.replace(/\/+$/, '') : given;
    const prefix = PREFIX.exec(path);
    const rest = path.slice(prefix?.[0].length ?? 0);
    const here = [...matches(OLLAMA, path, headers), ...matches(routes, rest, headers)];
    const found = here.find(({ route }) => route.endpoint.method === method);
    if (found) {
      const names = { ...prefix?.groups, ...found.names } as Record<string, string | undefined>;
      return { kind: 'endpoint', endpoint: found.route.endpoint, names: decoded(names) };
    }
    const [first] = here;
    if (first) {
      const allowed = [...new Set(here.map(({ route }) => route.endpoint.method))];
      return { kind: 'wrong-method', allowed, provider: first.route.endpoint.provider };
    }
    return { kind: 'nothing', provider: providerOf(path, headers) };
  };
}

function matches(routes: readonly Route[], path: string, headers: IncomingHttpHeaders) {
  return routes.flatMap((route) => {
    if (route.isFor && !route.isFor(headers)) return [];
    const match = route.path.exec(path);
    return match ? [{ route, names: { ...match.groups } }] : [];
  });
}

/** Who is meant where nothing is at a path, so that the error has a form that the client can read. */
function providerOf(path: string, headers: IncomingHttpHeaders): Provider {
  if (isAnthropic(headers)) return anthropic;
  return path.startsWith('/api/') && !path.startsWith('/api/v1') ? ollama : openai;
}

function decoded(names: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, decode(value)]],
    ),
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
