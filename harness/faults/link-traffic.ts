/**
 * Whether the target's own traffic used a link since a fault was injected into it: calls that arrived at the
 * scripted model, requests over the front link, or the target's connections to the link's port.
 */

import type { Environment } from '../environment/environment.ts';
import type { HistoryEvent } from '../history/events.ts';
import { plural } from '../platform/plural.ts';
import { readFds } from '../platform/procfs/fds.ts';
import { readSockets } from '../platform/procfs/sockets.ts';
import { FRONT, type Selector } from './selector.ts';

export interface LinkTraffic extends Disposable {
  /** What went over it, in words; null when nothing did. */
  since(): Promise<string | null>;
}

export function linkTraffic(environment: Environment, selector: Selector): LinkTraffic {
  const { recorder } = environment;
  const upstreams = new Set(selector.upstreams(environment));
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
      const ports = new Set(selector.links(environment).map(({ port }) => port));
      const connections = connectionsTo(environment.target.processes.pids(), ports);
      return connections === 0
        ? null
        : `the target holds ${plural(connections, 'connection')} to it`;
    },
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  };
}

function connectionsTo(pids: readonly number[], ports: ReadonlySet<number>): number {
  return pids
    .flatMap((pid) => readSockets(pid, readFds(pid).socketInodes))
    .filter(({ remotePort, state }) => ports.has(remotePort) && state !== 'LISTEN').length;
}
