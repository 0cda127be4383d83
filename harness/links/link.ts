/** A link: one proxy on a Toxiproxy server, with what a scenario does to it. */
import type { Toxiproxy as Client } from 'toxiproxy-node-client';
import { didYouMean, EXIT, HanglabError } from '../platform/errors.ts';
import { RefusedCall } from './api-client.ts';

const TOXIC_TYPES = [
  'latency',
  'bandwidth',
  'slow_close',
  'timeout',
  'reset_peer',
  'slicer',
  'limit_data',
  'noop',
] as const;

/** What only the embedded server has. */
const EXTRA_TOXIC_TYPES = [
  'block_connect',
  'cut_event',
  'half_close',
  'limit_connections',
  'limit_time',
  'packets',
  'shared_bandwidth',
  'slow_open',
  'stall',
] as const;

export type ExtraToxicType = (typeof EXTRA_TOXIC_TYPES)[number];
export type ToxicType = (typeof TOXIC_TYPES)[number] | ExtraToxicType;

export interface ToxicOptions {
  type: ToxicType;
  /** `upstream`: what the client sends; `downstream` (when not given): what it receives. */
  stream?: 'upstream' | 'downstream';
  /** Type and stream when not given; two of one kind need two names. */
  name?: string;
  /** The share of connections that it is on, 0 to 1; all when not given. */
  toxicity?: number;
  /** In Toxiproxy's units: ms, but `slicer.delay` in µs and `bandwidth.rate` in 1000 bytes a second. */
  attributes?: Record<string, number | string>;
  /** Only the k-th connection from now on, counted from 1. An extra of the embedded server. */
  connection?: number;
  /** Only the first n connections from now on. An extra of the embedded server. */
  first?: number;
  /** Only every k-th connection from now on. An extra of the embedded server. */
  every?: number;
}

/** What chooses among the connections of a proxy; left out of the JSON where it is not given. */
const SELECTION = ['connection', 'first', 'every'] as const;

export interface Link extends AsyncDisposable {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** `host:port` */
  readonly upstream: string;
  /** Adds a toxic; disposing takes it away, once, also when the server is gone. */
  toxic(toxic: ToxicOptions): Promise<AsyncDisposable>;
  /** Takes the link down: refuses new connections, closes all. Disposing brings it up again. */
  disable(): Promise<AsyncDisposable>;
}

/** Names go into URLs as they are: the client library does not encode them. */
const NAME = /^[A-Za-z0-9._-]{1,100}$/;

function checkName(what: string, name: string): void {
  if (NAME.test(name)) return;
  throw new HanglabError(
    'bad-link-name',
    `"${name}" cannot be the name of a ${what}: expected letters, digits, ".", "_" and "-"`,
  );
}

function checkType({ type, ...toxic }: ToxicOptions, extras: boolean): void {
  const isExtra = (EXTRA_TOXIC_TYPES as readonly string[]).includes(type);
  if (!isExtra && !(TOXIC_TYPES as readonly string[]).includes(type)) {
    const known = [...TOXIC_TYPES, ...EXTRA_TOXIC_TYPES];
    throw new HanglabError(
      'unknown-toxic',
      `there is no toxic "${type}": known are ${known.join(', ')}.${didYouMean(type, known)}`,
    );
  }
  const selects = SELECTION.some((field) => toxic[field] !== undefined);
  if (extras || (!isExtra && !selects)) return;
  const what = isExtra ? `the toxic ${type}` : 'a toxic for some connections only';
  throw new HanglabError('needs-embedded', `only the embedded Toxiproxy has ${what}`);
}

export interface LinkOptions {
  name: string;
  /** `host:port` */
  upstream: string;
  /** `host:port`; a free port on 127.0.0.1 when not given. */
  listen?: string;
}

export async function createLink(
  client: Client,
  options: LinkOptions,
  server: { extras: boolean; reach?: (listen: string) => string },
): Promise<Link> {
  const { name, upstream, listen = '127.0.0.1:0' } = options;
  checkName('link', name);
  const proxy = await client.createProxy({ name, upstream, listen }).catch((error: unknown) => {
    if (!(error instanceof RefusedCall && error.status === 409)) throw error;
    throw new HanglabError(
      'link-exists',
      `the Toxiproxy at ${client.host} already has a proxy "${name}", perhaps left by a run that was ` +
        `killed: take it away with curl -X DELETE ${client.host}/proxies/${name}`,
      { exitCode: EXIT.cannotRunHere },
    );
  });
  const address = server.reach?.(proxy.listen) ?? proxy.listen;
  const colon = address.lastIndexOf(':');
  const state = { listen: proxy.listen, upstream };
  return {
    name,
    upstream,
    host: address.slice(0, colon).replace(/^\[(.*)\]$/, '$1'),
    port: Number(address.slice(colon + 1)),
    async toxic(wanted) {
      const { type, stream = 'downstream', name: given, toxicity = 1, attributes = {} } = wanted;
      checkType(wanted, server.extras);
      const toxicName = given ?? `${type}_${stream}`;
      checkName('toxic', toxicName);
      // The library's type knows neither noop nor the extras.
      const body = {
        type: type as 'latency',
        stream,
        name: toxicName,
        toxicity,
        attributes,
        ...Object.fromEntries(SELECTION.map((field) => [field, wanted[field]])),
      };
      const toxic = await proxy.addToxic(body);
      return undone(() => toxic.remove());
    },
    async disable() {
      await proxy.update({ ...state, enabled: false });
      return undone(() => proxy.update({ ...state, enabled: true }));
    },
    ...undone(() => proxy.remove()),
  };
}

/** Undoes once. That it is gone already, or the server with it, is no error: it is undone. */
function undone(undo: () => Promise<unknown>): AsyncDisposable {
  let done: Promise<void> | undefined;
  const attempt = async (): Promise<void> => {
    try {
      await undo();
    } catch (error) {
      const gone = error instanceof HanglabError && error.code === 'toxiproxy-silent';
      if (!gone && !(error instanceof RefusedCall && error.status === 404)) throw error;
    }
  };
  return {
    [Symbol.asyncDispose]() {
      done ??= attempt();
      return done;
    },
  };
}
