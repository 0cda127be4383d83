/** An extra that Toxiproxy does not have: what each connection of a proxy is doing, or did last. */
import type { ConnectionFacts } from '../proxy/connection.ts';
import type { TcpProxy } from '../proxy/proxy.ts';

export function connectionsJson(proxy: TcpProxy, nowMs: number) {
  return proxy.facts().map((facts) => ({
    connection: facts.number,
    client: facts.client,
    upstream: proxy.upstream,
    state: stateOf(facts),
    open: facts.opened && facts.closedMs === undefined,
    ageMs: Math.round((facts.closedMs ?? nowMs) - facts.openedMs),
    upstreamBytes: facts.upstream,
    downstreamBytes: facts.downstream,
    endedFirst: facts.ending?.by ?? null,
    endedHow: facts.ending?.how ?? null,
    error: facts.error ?? null,
  }));
}

function stateOf({ opened, closedMs, error }: ConnectionFacts): string {
  if (error !== undefined) return 'failed';
  if (closedMs !== undefined) return 'closed';
  return opened ? 'open' : 'opening';
}
