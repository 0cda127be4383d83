/** Records what the target sends over its links to services. Scripted models record their own calls. */
import type { Recorder } from '../history/recorder.ts';
import type { Link, LinkCounts } from '../links/toxiproxy.ts';
import { readFds } from '../platform/procfs/fds.ts';
import { readSockets } from '../platform/procfs/sockets.ts';
import type { Upstream } from '../target/upstreams.ts';

export interface ServiceTraffic {
  /** Reads all counts once, and records what has changed; resolves when that is in the history. */
  tell(): Promise<void>;
}

export interface ServiceTrafficOptions {
  upstreams: Readonly<Record<string, Upstream>>;
  links: Readonly<Record<string, Link>>;
  /** The processes of the target. */
  pids(): readonly number[];
  recorder: Recorder;
}

export function serviceTraffic(options: ServiceTrafficOptions): ServiceTraffic {
  const { upstreams, links, pids, recorder } = options;
  const services = Object.keys(upstreams).filter((name) => upstreams[name]?.kind === 'service');
  const last = new Map<string, LinkCounts>();
  const tellOne = async (name: string, link: Link): Promise<void> => {
    const counts = await link.counts();
    if (counts === null) {
      const openConnections = connectionsTo(pids(), new Set([link.port]));
      if (openConnections === 0) return;
      recorder.record({
        kind: 'link',
        link: name,
        openConnections,
        connections: null,
        bytes: null,
      });
      return;
    }
    const before = last.get(name);
    last.set(name, counts);
    const connections = counts.connections - (before?.connections ?? 0);
    const bytes = counts.requestBytes - (before?.requestBytes ?? 0);
    if (connections === 0 && bytes === 0) return;
    const { openConnections } = counts;
    recorder.record({ kind: 'link', link: name, openConnections, connections, bytes });
  };
  return {
    async tell() {
      await Promise.all(
        services.map((name) => {
          const link = links[name];
          return link && tellOne(name, link);
        }),
      );
    },
  };
}

/** How many connections these processes have to one of `ports`. */
export function connectionsTo(pids: readonly number[], ports: ReadonlySet<number>): number {
  return pids
    .flatMap((pid) => readSockets(pid, readFds(pid).socketInodes))
    .filter(({ remotePort, state }) => ports.has(remotePort) && state !== 'LISTEN').length;
}
