/** A client, a proxy and an upstream, joined: what most conformance tests begin with. */
import { createTestProxy, type TestProxy } from './api-calls.ts';
import { dial, listenAsUpstream, type Peer, type Upstream } from './peer.ts';

export interface Pair extends AsyncDisposable {
  proxy: TestProxy;
  upstream: Upstream;
  client: Peer;
  server: Peer;
  /** One more connection through the same proxy. */
  join(): Promise<{ client: Peer; server: Peer }>;
}

/** `toxics` are added before the connection is made. */
export async function joinThrough(url: string, toxics: readonly object[] = []): Promise<Pair> {
  const upstream = await listenAsUpstream();
  const proxy = await createTestProxy(url, upstream.address);
  for (const toxic of toxics) await proxy.add(toxic);
  const peers: Peer[] = [];
  const join = async () => {
    const client = await dial(proxy.listen);
    const server = await upstream.next();
    peers.push(client, server);
    return { client, server };
  };
  const first = await join();
  return {
    proxy,
    upstream,
    ...first,
    join,
    async [Symbol.asyncDispose]() {
      for (const peer of peers) peer[Symbol.dispose]();
      await proxy.api('DELETE');
      await upstream[Symbol.asyncDispose]();
    },
  };
}
