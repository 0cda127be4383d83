/**
 * Whether the target's own traffic used a link since a fault was injected into it: calls that arrived at the
 * scripted model or the service, bytes that the target sent into the link, or requests over the front link.
 */

import type { Environment } from '../../environment/environment.ts';
import { connectionsTo } from '../../environment/service-traffic.ts';
import type { HistoryEvent } from '../../history/events.ts';
import type { Link } from '../../links/toxiproxy.ts';
import { plural } from '../../platform/plural.ts';
import { FRONT, type Selector } from './selector.ts';

export interface LinkTraffic extends Disposable {
  /** What went over it, in words; null when nothing did. */
  since(): Promise<string | null>;
}

/** Counts from now on: to be made before the fault is in force. */
export async function linkTraffic(
  environment: Environment,
  selector: Selector,
): Promise<LinkTraffic> {
  const { recorder, target } = environment;
  const upstreams = new Set(selector.upstreams(environment));
  const links = selector.links(environment);
  const before = await sentInto(links);
  let calls = 0;
  let requests = 0;
  const listening = recorder.onEvent((event: HistoryEvent) => {
    if (event.kind === 'model-start' && upstreams.has(event.upstream)) calls++;
    if (event.kind === 'request') requests++;
  });
  return {
    async since() {
      if (selector.label === FRONT.label) {
        return requests === 0 ? null : `${plural(requests, 'request')} went over it`;
      }
      if (calls > 0) return `${plural(calls, 'call')} of the target went over it`;
      const after = await sentInto(links);
      if (before !== null && after !== null) {
        const bytes = after - before;
        return bytes > 0 ? `the target sent ${plural(bytes, 'byte')} into it` : null;
      }
      const ports = new Set(links.map(({ port }) => port));
      const connections = connectionsTo(target.processes.pids(), ports);
      return connections === 0
        ? null
        : `the target holds ${plural(connections, 'connection')} to it`;
    },
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  };
}

/** Bytes of the target, whatever a toxic did with them; null where nobody counts them. */
async function sentInto(links: readonly Link[]): Promise<number | null> {
  let bytes = 0;
  for (const link of links) {
    const counts = await link.counts();
    if (counts === null) return null;
    bytes += counts.requestBytes;
  }
  return bytes;
}
