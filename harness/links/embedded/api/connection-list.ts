/** An extra that Toxiproxy does not have: what each connection of a proxy is doing, or did last. */
import type { TcpProxy } from '../proxy/proxy.ts';

export function connectionsJson(proxy: TcpProxy, nowMs: number) {
  return proxy.facts().map((facts) => ({
    connection: facts.number,
    client: facts.client,
    upstream: proxy.upstream,
    open: facts.closedMs === undefined,
    ageMs: Math.round((facts.closedMs ?? nowMs) - facts.openedMs),
    upstreamBytes: facts.upstream,
    downstreamBytes: facts.downstream,
    endedFirst: facts.ending?.by ?? null,
    endedHow: facts.ending?.how ?? null,
  }));
}
