/** An extra that Toxiproxy does not have: what each connection of a proxy is doing, or did last. */
import type { TcpProxy } from './proxy.ts';

export function connectionsJson(proxy: TcpProxy, nowMs: number) {
  return proxy.connections.map(({ number, client, openedMs, closed, ending, pipes }) => ({
    connection: number,
    client,
    upstream: proxy.upstream,
    open: closed === undefined,
    ageMs: Math.round((closed ?? nowMs) - openedMs),
    upstreamBytes: bytes(pipes.upstream),
    downstreamBytes: bytes(pipes.downstream),
    endedFirst: ending?.by ?? null,
    endedHow: ending?.how ?? null,
  }));
}

const bytes = ({ receivedBytes, sentBytes }: { receivedBytes: number; sentBytes: number }) => ({
  received: receivedBytes,
  sent: sentBytes,
});
