/** Toxiproxy's HTTP API: routes, status codes and bodies. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { random } from '../../random.ts';
import { AddressError } from './address.ts';
import * as errors from './api-error.ts';
import { ApiError } from './api-error.ts';
import type { Direction, Toxic } from './pipe.ts';
import { createProxy, type TcpProxy } from './proxy.ts';
import { toxicKind } from './toxics/registry.ts';
import type { Attributes, ToxicKind } from './toxics/toxic.ts';

/** The version of Toxiproxy that this speaks as. */
export const PROTOCOL_VERSION = '2.12.0';

interface Reply {
  status: number;
  body?: unknown;
  type?: string;
  raw?: string;
}

type Fields = Record<string, unknown>;

export function createApi(options: { seed: number; extras: boolean }) {
  const proxies = new Map<string, TcpProxy>();
  const seeded = random(options.seed);

  const find = (name: string): TcpProxy => {
    const proxy = proxies.get(name);
    if (!proxy) throw errors.proxyNotFound();
    return proxy;
  };
  const findToxic = (proxy: TcpProxy, name: string): Toxic => {
    const toxic = proxy.toxics.find((candidate) => candidate.name === name);
    if (!toxic) throw errors.toxicNotFound();
    return toxic;
  };
  const newProxy = (name: string, listen: string, upstream: string): TcpProxy =>
    createProxy({ name, listen, upstream, random: seeded.fork(name) });

  async function create(fields: Fields): Promise<Reply> {
    const { name, listen, upstream, enabled } = proxyFields(fields);
    if (!name) throw errors.missingField('name');
    if (!upstream) throw errors.missingField('upstream');
    if (proxies.has(name)) throw errors.proxyAlreadyExists();
    const proxy = newProxy(name, listen, upstream);
    if (enabled) await proxy.start();
    proxies.set(name, proxy);
    return { status: 201, body: proxyJson(proxy) };
  }

  async function populate(body: unknown): Promise<Reply> {
    if (!Array.isArray(body)) throw errors.badRequestBody('not an array');
    const entries = body.map((entry) => proxyFields(entry as Fields));
    for (const [index, { name, upstream }] of entries.entries()) {
      if (!name) throw errors.missingField(`name at proxy ${index + 1}`);
      if (!upstream) throw errors.missingField(`upstream at proxy ${index + 1}`);
    }
    const populated: TcpProxy[] = [];
    for (const { name, listen, upstream, enabled } of entries) {
      const existing = proxies.get(name);
      if (existing && !(await existing.differs(listen, upstream))) {
        populated.push(existing);
        continue;
      }
      await existing?.stop();
      const proxy = newProxy(name, listen, upstream);
      if (enabled) await proxy.start();
      proxies.set(name, proxy);
      populated.push(proxy);
    }
    return { status: 201, body: { proxies: populated.map(proxyJson) } };
  }

  function addToxic(proxy: TcpProxy, fields: Fields): Reply {
    const stream = text(fields.stream, 'downstream');
    const direction = stream.toLowerCase();
    if (direction !== 'upstream' && direction !== 'downstream') throw errors.invalidStream();
    const type = text(fields.type, '');
    const name = text(fields.name, '') || `${type}_${stream}`;
    const kind = toxicKind(type, options.extras);
    if (!kind) throw errors.invalidToxicType();
    if (proxy.toxics.some((toxic) => toxic.name === name)) throw errors.toxicAlreadyExists();
    const toxic: Toxic = {
      name,
      kind,
      stream,
      direction: direction as Direction,
      toxicity: Math.fround(typeof fields.toxicity === 'number' ? fields.toxicity : 1),
      attributes: mergeAttributes(kind, {}, fields.attributes),
    };
    proxy.addToxic(toxic);
    return { status: 200, body: toxicJson(toxic) };
  }

  async function updateToxic(proxy: TcpProxy, toxic: Toxic, fields: Fields): Promise<Reply> {
    toxic.attributes = mergeAttributes(toxic.kind, toxic.attributes, fields.attributes);
    if (typeof fields.toxicity === 'number') toxic.toxicity = Math.fround(fields.toxicity);
    await proxy.updateToxic(toxic);
    return { status: 200, body: toxicJson(toxic) };
  }

  async function route(
    method: string,
    path: string[],
    body: () => Promise<Fields>,
  ): Promise<Reply> {
    const [root, name, part, toxicName, ...rest] = path;
    const at = `${method} ${root}`;
    if (path.length === 1 && at === 'GET version') {
      return {
        status: 200,
        type: 'application/json;charset=utf-8',
        raw: `{"version": "${PROTOCOL_VERSION}"}\n`,
      };
    }
    if (path.length === 1 && at === 'POST reset') {
      for (const proxy of proxies.values()) {
        await proxy.start();
        for (const toxic of proxy.toxics) await proxy.removeToxic(toxic);
      }
      return { status: 204 };
    }
    if (path.length === 1 && at === 'POST populate') return populate(await body());
    if (root !== 'proxies' || rest.length > 0) return notFound();
    if (name === undefined) {
      if (method === 'GET') {
        const sorted = [...proxies.keys()].sort();
        return {
          status: 200,
          body: Object.fromEntries(sorted.map((key) => [key, proxyJson(find(key))])),
        };
      }
      if (method === 'POST') return create(await body());
      return { status: 405 };
    }
    if (part === undefined) {
      if (method === 'GET') return { status: 200, body: proxyJson(find(name)) };
      if (method === 'POST' || method === 'PATCH') {
        const proxy = find(name);
        const { listen, upstream, enabled } = proxyFields({
          ...proxyJson(proxy),
          ...(await body()),
        });
        await proxy.update({ listen, upstream, enabled });
        return { status: 200, body: proxyJson(proxy) };
      }
      if (method === 'DELETE') {
        await find(name).stop();
        proxies.delete(name);
        return { status: 204 };
      }
      return { status: 405 };
    }
    if (part !== 'toxics') return notFound();
    if (toxicName === undefined) {
      if (method === 'GET') return { status: 200, body: toxicsJson(find(name)) };
      if (method === 'POST') return addToxic(find(name), await body());
      return { status: 405 };
    }
    const proxy = find(name);
    const toxic = findToxic(proxy, toxicName);
    if (method === 'GET') return { status: 200, body: toxicJson(toxic) };
    if (method === 'POST' || method === 'PATCH') return updateToxic(proxy, toxic, await body());
    if (method === 'DELETE') {
      await proxy.removeToxic(toxic);
      return { status: 204 };
    }
    return { status: 405 };
  }

  return {
    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      let reply: Reply;
      try {
        const { pathname } = new URL(request.url ?? '/', 'http://localhost');
        const path = decodeURIComponent(pathname).split('/').slice(1);
        reply = await route(request.method ?? 'GET', path, () => readJson(request));
      } catch (error) {
        reply = errorReply(error);
      }
      send(response, reply);
    },
    async dispose(): Promise<void> {
      await Promise.all([...proxies.values()].map((proxy) => proxy.stop()));
      proxies.clear();
    },
  };
}

const notFound = (): Reply => ({
  status: 404,
  type: 'text/plain; charset=utf-8',
  raw: '404 page not found\n',
});

function errorReply(error: unknown): Reply {
  const status = error instanceof ApiError ? error.status : 500;
  if (!(error instanceof ApiError || error instanceof AddressError)) {
    process.emitWarning(error as Error);
  }
  return {
    status,
    type: 'text/plain; charset=utf-8',
    raw: `${JSON.stringify({ error: (error as Error).message, status })}\n`,
  };
}

function send(response: ServerResponse, { status, body, type, raw }: Reply): void {
  const content = raw ?? (body === undefined ? '' : JSON.stringify(body));
  response.statusCode = status;
  if (content) response.setHeader('Content-Type', type ?? 'application/json');
  response.end(content);
}

async function readJson(request: IncomingMessage): Promise<Fields> {
  let content = '';
  for await (const part of request.setEncoding('utf8')) content += part;
  try {
    return JSON.parse(content) as Fields;
  } catch (error) {
    throw errors.badRequestBody((error as Error).message);
  }
}

const text = (value: unknown, absent: string): string =>
  typeof value === 'string' ? value : absent;

function proxyFields(fields: Fields) {
  return {
    name: text(fields.name, ''),
    listen: text(fields.listen, ''),
    upstream: text(fields.upstream, ''),
    enabled: fields.enabled !== false,
  };
}

function mergeAttributes(kind: ToxicKind, current: Attributes, given: unknown): Attributes {
  const merged: Attributes = {};
  for (const [name, { min }] of Object.entries(kind.attributes)) {
    const value = (given as Fields | undefined)?.[name] ?? current[name] ?? 0;
    if (typeof value !== 'number') throw errors.badRequestBody(`${name} is not a number`);
    if (min !== undefined && value < min) {
      throw errors.badRequestBody(`${name} must be at least ${min}, got ${value}`);
    }
    merged[name] = value;
  }
  const why = kind.refuse?.(merged);
  if (why !== undefined) throw errors.badRequestBody(why);
  return merged;
}

function toxicJson({ attributes, name, kind, stream, toxicity }: Toxic) {
  return { attributes, name, type: kind.type, stream, toxicity: Number(toxicity.toPrecision(7)) };
}

const toxicsJson = (proxy: TcpProxy) =>
  (['upstream', 'downstream'] as const).flatMap((direction) =>
    proxy.toxics.filter((toxic) => toxic.direction === direction).map(toxicJson),
  );

function proxyJson(proxy: TcpProxy) {
  const { name, listen, upstream, enabled } = proxy;
  return { name, listen, upstream, enabled, Logger: {}, toxics: toxicsJson(proxy) };
}
