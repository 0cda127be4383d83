/** A Toxiproxy server, whoever provides it, and the links that it carries. */

import { monotonicMs } from '../platform/clock.ts';
import { EXIT, HanglabError, messageOf } from '../platform/errors.ts';
import { createApiClient } from './api-client.ts';
import { createLink, type Link, type LinkOptions } from './link.ts';
import type { ProvidedServer, ProviderName } from './provider.ts';
import { startBinary } from './providers/binary.ts';
import { startDocker } from './providers/docker.ts';
import { startEmbedded } from './providers/embedded.ts';
import { useUrl } from './providers/url.ts';

export { findBinary } from './binary-path.ts';
export type { Link, LinkOptions, ToxicOptions, ToxicType } from './link.ts';
export type { LinkCounts } from './link-counts.ts';
export { PROVIDER_NAMES, type ProviderName } from './provider.ts';

/** Longer than this a healthy server never needs for the list of its proxies. */
const PING_TIMEOUT_MS = 2_000;

export type Ping = { ok: true; latencyMs: number } | { ok: false; reason: string };

export interface Toxiproxy extends AsyncDisposable {
  readonly provider: ProviderName;
  readonly version: string;
  /** Of the API. */
  readonly url: string;
  /** True when it has more than Toxiproxy: see DIFFERENCES.md. A fault that needs it must ask. */
  readonly extras: boolean;
  /** Of the child process of `binary`, which leads a process group of its own. */
  readonly pid?: number;
  /** Of the container of `docker`. */
  readonly containerId?: string;
  link(options: LinkOptions): Promise<Link>;
  /** Is the API alive? Answers within `timeoutMs`, 2 s when not given. */
  ping(timeoutMs?: number): Promise<Ping>;
}

export interface ToxiproxyOptions {
  provider: ProviderName;
  /** For `url`. */
  url?: string;
  /** For `url`: take one that is not on this machine. */
  allowRemote?: boolean;
  /** Toxicity, jitter and slices of `embedded` are drawn from it. The others cannot be seeded. */
  seed: number;
  /** Ends the start when it comes during it, the server afterwards. */
  signal?: AbortSignal;
  /** Called when the server ends, or does not answer: the harness's trouble, not the target's. */
  onTrouble?: (message: string) => void;
}

/**
 * Starts, or finds, a Toxiproxy.
 * @throws HanglabError when it cannot be had, with what to do about it.
 */
export async function startToxiproxy(options: ToxiproxyOptions): Promise<Toxiproxy> {
  const { provider, signal } = options;
  signal?.throwIfAborted();
  let disposed = false;
  const onTrouble = (message: string): void => {
    if (!disposed) options.onTrouble?.(message);
  };
  await using undo = new AsyncDisposableStack();
  const server = undo.use(await provide(options, onTrouble));
  const { client, version: askVersion, checkAlive } = createApiClient(server.url, onTrouble);
  const version = await askVersion().catch((error: unknown): never => {
    throw new HanglabError('toxiproxy-unreachable', unreachable(options, server, error), {
      exitCode: EXIT.cannotRunHere,
      cause: error,
    });
  });
  signal?.throwIfAborted();
  const extras = provider === 'embedded';
  const links = new Set<Link>();
  const owned = undo.move();

  let ending: Promise<void> | undefined;
  const toxiproxy: Toxiproxy = {
    provider,
    version,
    url: server.url,
    extras,
    ...(server.pid === undefined ? {} : { pid: server.pid }),
    ...(server.containerId === undefined ? {} : { containerId: server.containerId }),
    async link(wanted) {
      const listen = wanted.listen ?? server.listen?.();
      const link = await createLink(client, listen === undefined ? wanted : { ...wanted, listen }, {
        extras,
        ...(server.reach ? { reach: server.reach } : {}),
      });
      links.add(link);
      return link;
    },
    async ping(timeoutMs = PING_TIMEOUT_MS) {
      const began = monotonicMs();
      try {
        await checkAlive(timeoutMs);
        return { ok: true, latencyMs: monotonicMs() - began };
      } catch (error) {
        return { ok: false, reason: messageOf(error) };
      }
    },
    [Symbol.asyncDispose]() {
      ending ??= (async () => {
        disposed = true;
        signal?.removeEventListener('abort', onAbort);
        // A server of our own takes its links with it; another's is left as it was found.
        if (provider === 'url') for (const link of links) await link[Symbol.asyncDispose]();
        await owned.disposeAsync();
      })();
      return ending;
    },
  };
  const onAbort = (): void => {
    toxiproxy[Symbol.asyncDispose]().then(undefined, () => {});
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  return toxiproxy;
}

async function provide(
  { provider, url, allowRemote = false, seed }: ToxiproxyOptions,
  onTrouble: (message: string) => void,
): Promise<ProvidedServer> {
  switch (provider) {
    case 'embedded':
      return startEmbedded({ seed, onTrouble });
    case 'url':
      return useUrl(url ?? process.env.TOXIPROXY_URL, allowRemote);
    case 'binary':
      return startBinary({ seed, onTrouble });
    case 'docker':
      return startDocker({ seed, onTrouble });
  }
}

function unreachable(
  { provider }: ToxiproxyOptions,
  { url }: ProvidedServer,
  error: unknown,
): string {
  const what = messageOf(error);
  if (provider !== 'url')
    return `the ${provider} Toxiproxy started, but its API does not answer: ${what}`;
  return (
    `no Toxiproxy answers at ${url}: ${what}. Start one there, or leave --toxiproxy and ` +
    'TOXIPROXY_URL away to use the embedded one'
  );
}
