/**
 * The other end takes no connection any more, and does not refuse any either: whoever connects waits. The
 * link's port is taken over by a listener that never accepts and whose backlog is full, so that the kernel
 * drops each further SYN, as a firewall would.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { connectionsTo } from '../../environment/service-traffic.ts';
import type { Link } from '../../links/toxiproxy.ts';
import { HanglabError } from '../../platform/errors.ts';
import { moduleUrl } from '../../platform/module-url.ts';
import { plural } from '../../platform/plural.ts';
import type { Fault } from '../fault.ts';
import type { Selector } from './selector.ts';

/** One more than the listener's backlog: Linux takes one beyond it. */
const FILL = 2;
/** Also on a busy machine the thread is up by then. */
const START_MS = 10_000;

export function neverAccepts(selector: Selector): Fault {
  return {
    name: `${selector.label}.neverAccepts`,
    needs: selector.needs,
    touches: selector.upstreams,
    async inject(environment) {
      const { target } = environment;
      const links = selector.links(environment);
      await using taken = new AsyncDisposableStack();
      for (const link of links) {
        taken.use(await link.disable());
        taken.use(await occupy(link));
      }
      const injected = taken.move();
      const ports = new Set(links.map(({ port }) => port));
      return {
        async evidence() {
          const waiting = connectionsTo(target.processes.pids(), ports);
          if (waiting === 0) return null;
          return `${plural(waiting, 'connection')} of the target ${waiting === 1 ? 'waits' : 'wait'} to be accepted`;
        },
        [Symbol.asyncDispose]: () => injected.disposeAsync(),
      };
    },
  };
}

/** @throws HanglabError `cannot-listen` where the link's port cannot be had. */
async function occupy({ host, port }: Link): Promise<AsyncDisposable> {
  const thread = new Worker(moduleUrl('./never-accepts-thread', import.meta.url), {
    workerData: { host, port, backlog: FILL - 1 },
  });
  const sockets: Socket[] = [];
  const end = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await thread.terminate();
  };
  try {
    await once(thread, 'message', { signal: AbortSignal.timeout(START_MS) });
    for (let i = 0; i < FILL; i++) {
      const socket = connect({ host, port });
      socket.on('error', () => {});
      sockets.push(socket);
      await once(socket, 'connect', { signal: AbortSignal.timeout(START_MS) });
    }
  } catch (error) {
    await end();
    throw new HanglabError('cannot-listen', `the port of the link, ${port}, cannot be taken over`, {
      cause: error,
    });
  }
  return { [Symbol.asyncDispose]: end };
}
