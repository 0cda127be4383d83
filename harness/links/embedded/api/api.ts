/** Toxiproxy's HTTP API: its routes, and what each answers. */
import { monotonicMs } from '../../../platform/clock.ts';
import { random } from '../../../platform/random.ts';
import type { Log } from '../log.ts';
import type { Toxic } from '../pipe/pipe.ts';
import { AddressError } from '../proxy/address.ts';
import { createProxies } from '../proxy/proxies.ts';
import type { TcpProxy } from '../proxy/proxy.ts';
import { createTraffic } from '../proxy/traffic.ts';
import {
  proxyJson,
  readPopulation,
  readProxy,
  readToxicChange,
  toxicJson,
  toxicsJson,
} from './api-bodies.ts';
import * as errors from './api-error.ts';
import { connectionsJson } from './connection-list.ts';
import type { JsonValue } from './go-json.ts';
import { newToxics } from './new-toxics.ts';

/** The version of Toxiproxy that this speaks as. */
export const PROTOCOL_VERSION = '2.12.0';

export interface Reply {
  status: number;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, with its content type. */
  text?: { content: string; type: string };
}

/** What a handler gets: the names in the path, and the body, read when it is asked for. */
export interface Call {
  names: string[];
  json(): Promise<JsonValue>;
}

export interface Route {
  /** Of the path, decoded; groups are the names. */
  path: RegExp;
  /** By method; `*` for any. */
  methods: Record<string, (call: Call) => Promise<Reply> | Reply>;
}

export interface ApiOptions {
  seed: number;
  log: Log;
  extras: boolean;
  /** Serves /metrics with the bytes of each proxy. */
  proxyMetrics: boolean;
  /** What /metrics says of this process. */
  runtimeMetrics?: () => Promise<string>;
}

export function createApi(options: ApiOptions) {
  const traffic = createTraffic();
  const proxies = createProxies(random(options.seed), traffic, options.log);
  const ok = (body: unknown): Reply => ({ status: 200, body });
  const done: Reply = { status: 204 };

  const proxyOf = ({ names }: Call): TcpProxy => proxies.find(names[0] ?? '');
  const toxicLog = (message: string, proxy: TcpProxy, toxic: Toxic): void => {
    const { name: toxicName, ...about } = toxicJson(toxic);
    options.log('info', message, { name: proxy.name, toxic: toxicName, ...about });
  };
  const toxicOf = (proxy: TcpProxy, { names }: Call): Toxic => {
    const toxic = proxy.toxics.find(({ name }) => name === names[1]);
    if (!toxic) throw errors.toxicNotFound();
    return toxic;
  };

  const { toxicFrom, toxicsFrom } = newToxics(options.extras);
  const createProxyRoute = async ({ json }: Call): Promise<Reply> => {
    const value = await json();
    const entry = { ...readProxy(value), ...toxicsFrom(value) };
    return { status: 201, body: proxyJson(await proxies.add(entry)) };
  };

  const updateProxy = async (call: Call): Promise<Reply> => {
    const { listen, upstream, enabled } = proxyOf(call);
    const given = readProxy(await call.json(), { listen, upstream, enabled });
    return ok(proxyJson(await proxies.update(call.names[0] ?? '', given)));
  };

  // Its errors stand beside the proxies that were done before them.
  const populate = async ({ json }: Call): Promise<Reply> => {
    let populated: TcpProxy[] = [];
    let failed: { error: string; status: number } | undefined;
    try {
      const value = await json();
      const given = value.kind === 'array' ? value.items : [];
      const entries = readPopulation(value).map((fields, index) => ({
        ...fields,
        ...toxicsFrom(given[index] as JsonValue),
      }));
      const { done: all, error } = await proxies.populate(entries);
      populated = all;
      if (error !== undefined) failed = errorJson(error);
    } catch (error) {
      failed = errorJson(error);
    }
    const list = populated.length === 0 ? null : populated.map(proxyJson);
    return { status: failed?.status ?? 201, body: { ...failed, proxies: list } };
  };

  const addToxic = async (call: Call): Promise<Reply> => {
    const proxy = proxyOf(call);
    const value = await call.json();
    return proxies.locked(async () => {
      const toxic = toxicFrom(value)(proxy);
      await proxy.addToxic(toxic);
      toxicLog('Added toxic', proxy, toxic);
      return ok(toxicJson(toxic));
    });
  };

  const updateToxic = async (call: Call): Promise<Reply> => {
    const proxy = proxyOf(call);
    const toxic = toxicOf(proxy, call);
    const value = await call.json();
    return proxies.locked(async () => {
      const change = readToxicChange(
        toxic.kind,
        toxic.attributes,
        value,
        'attributes and toxicity',
      );
      toxic.attributes = change.attributes;
      toxic.toxicity = change.toxicity ?? toxic.toxicity;
      await proxy.updateToxic(toxic);
      toxicLog('Updated toxic', proxy, toxic);
      return ok(toxicJson(toxic));
    });
  };

  const removeToxic = async (call: Call): Promise<Reply> => {
    const proxy = proxyOf(call);
    await proxies.locked(async () => {
      const toxic = toxicOf(proxy, call);
      await proxy.removeToxic(toxic);
      toxicLog('Removed toxic', proxy, toxic);
    });
    return done;
  };

  const routes: Route[] = [
    {
      path: /^\/reset$/,
      methods: { POST: () => proxies.reset().then(() => done) },
    },
    {
      path: /^\/proxies$/,
      methods: {
        GET: () =>
          ok(Object.fromEntries(proxies.all.map((proxy) => [proxy.name, proxyJson(proxy)]))),
        POST: createProxyRoute,
      },
    },
    { path: /^\/populate$/, methods: { POST: populate } },
    {
      path: /^\/proxies\/([^/]+)$/,
      methods: {
        GET: (call) => ok(proxyJson(proxyOf(call))),
        POST: updateProxy,
        PATCH: updateProxy,
        DELETE: ({ names }) => proxies.remove(names[0] ?? '').then(() => done),
      },
    },
    {
      path: /^\/proxies\/([^/]+)\/toxics$/,
      methods: { GET: (call) => ok(toxicsJson(proxyOf(call))), POST: addToxic },
    },
    {
      path: /^\/proxies\/([^/]+)\/toxics\/([^/]+)$/,
      methods: {
        GET: (call) => ok(toxicJson(toxicOf(proxyOf(call), call))),
        POST: updateToxic,
        PATCH: updateToxic,
        DELETE: removeToxic,
      },
    },
    {
      path: /^\/version$/,
      methods: {
        GET: () => ({
          status: 200,
          text: {
            content: `{"version": "${PROTOCOL_VERSION}"}\n`,
            type: 'application/json;charset=utf-8',
          },
        }),
      },
    },
  ];
  if (options.proxyMetrics || options.runtimeMetrics) {
    routes.push({
      path: /^\/metrics$/,
      methods: {
        '*': async () => ({
          status: 200,
          text: {
            content:
              (options.proxyMetrics ? traffic.text() : '') +
              ((await options.runtimeMetrics?.()) ?? ''),
            type: 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
          },
        }),
      },
    });
  }
  if (options.extras) {
    routes.push({
      path: /^\/proxies\/([^/]+)\/connections$/,
      methods: { GET: (call) => ok(connectionsJson(proxyOf(call), monotonicMs())) },
    });
  }
  return {
    routes,
    /** As `POST /populate` does it. */
    populate: async (value: JsonValue) => populate({ names: [], json: async () => value }),
    dispose: () => proxies.stopAll(),
  };
}

/** An error as the API answers it. An unexpected one is rethrown. */
export function errorJson(error: unknown): { error: string; status: number } {
  if (error instanceof errors.ApiError) return { error: error.message, status: error.status };
  if (error instanceof AddressError) return { error: error.message, status: 500 };
  throw error;
}
