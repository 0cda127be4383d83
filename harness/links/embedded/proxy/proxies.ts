/** All proxies of a server, by name. Changes are made one after the other. */
import type { Random } from '../../../platform/random.ts';
import type { ProxyFields } from '../api/api-bodies.ts';
import { missingField, proxyAlreadyExists, proxyNotFound } from '../api/api-error.ts';
import type { Log } from '../log.ts';
import type { Toxic } from '../pipe/pipe.ts';
import { createLock } from './lock.ts';
import { createProxy, type TcpProxy } from './proxy.ts';
import type { Traffic } from './traffic.ts';

export interface Proxies {
  readonly all: readonly TcpProxy[];
  /** @throws ApiError 404 */
  find(name: string): TcpProxy;
  add(entry: Entry): Promise<TcpProxy>;
  /** Adds each, replaces one of the same name when it differs; stops at the first that fails. */
  populate(entries: readonly Entry[]): Promise<{ done: TcpProxy[]; error?: unknown }>;
  update(name: string, to: Omit<ProxyFields, 'name'>): Promise<TcpProxy>;
  remove(name: string): Promise<void>;
  /** Starts all proxies, and takes all their toxics away. */
  reset(): Promise<void>;
  /** For what changes a proxy's toxics. */
  locked<T>(task: () => Promise<T>): Promise<T>;
  stopAll(): Promise<void>;
}

/** A proxy to be there, and its toxics where they are given: those and no others. */
export interface Entry extends ProxyFields {
  toxics?: readonly ((proxy: TcpProxy) => Toxic)[];
}

export function createProxies(random: Random, traffic: Traffic, log: Log): Proxies {
  const byName = new Map<string, TcpProxy>();
  const locked = createLock();
  const find = (name: string): TcpProxy => {
    const proxy = byName.get(name);
    if (!proxy) throw proxyNotFound();
    return proxy;
  };
  const create = async (entry: Entry): Promise<TcpProxy> => {
    const { name, listen, upstream, enabled, toxics = [] } = entry;
    const proxy = createProxy({ name, listen, upstream, random: random.fork(name), traffic, log });
    // Before it listens: the first client meets them too.
    for (const make of toxics) await proxy.addToxic(make(proxy));
    if (enabled) await proxy.start();
    byName.set(name, proxy);
    return proxy;
  };

  return {
    get all() {
      return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    find,
    locked,
    add: (fields) =>
      locked(async () => {
        if (!fields.name) throw missingField('name');
        if (!fields.upstream) throw missingField('upstream');
        if (byName.has(fields.name)) throw proxyAlreadyExists();
        return create(fields);
      }),
    populate: (entries) =>
      locked(async () => {
        const done: TcpProxy[] = [];
        try {
          for (const entry of entries) {
            const existing = byName.get(entry.name);
            const same = existing && !(await existing.differs(entry.listen, entry.upstream));
            if (!same) {
              await existing?.stop();
              done.push(await create(entry));
              continue;
            }
            done.push(existing);
            if (!entry.toxics) continue;
            for (const toxic of existing.toxics) await existing.removeToxic(toxic);
            for (const make of entry.toxics) await existing.addToxic(make(existing));
          }
          return { done };
        } catch (error) {
          return { done, error };
        }
      }),
    update: (name, to) =>
      locked(async () => {
        const proxy = find(name);
        await proxy.update(to);
        return proxy;
      }),
    remove: (name) =>
      locked(async () => {
        await find(name).stop();
        byName.delete(name);
      }),
    reset: () =>
      locked(async () => {
        for (const proxy of byName.values()) {
          await proxy.start();
          for (const toxic of proxy.toxics) await proxy.removeToxic(toxic);
        }
      }),
    stopAll: () =>
      locked(async () => {
        for (const proxy of byName.values()) await proxy.stop();
        byName.clear();
      }),
  };
}
