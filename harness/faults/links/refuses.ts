/** Nobody listens at the other end for a while: what is open is closed, and new connections are refused. */

import { connectionsTo } from '../../environment/service-traffic.ts';
import type { HistoryEvent } from '../../history/events.ts';
import { plural } from '../../platform/plural.ts';
import type { Fault } from '../fault.ts';
import type { Selector } from './selector.ts';

export function refuses(selector: Selector): Fault {
  return {
    name: `${selector.label}.refuses`,
    needs: selector.needs,
    touches: selector.upstreams,
    async inject(environment) {
      const { operations, recorder, target } = environment;
      const links = selector.links(environment);
      const ports = new Set(links.map(({ port }) => port));
      const names = new Set(selector.upstreams(environment));
      const held = connectionsTo(target.processes.pids(), ports);
      let sent = 0;
      // A refused connection leaves no trace: what is known to need one is counted in its place.
      const listening = recorder.onEvent((event: HistoryEvent) => {
        if (event.kind !== 'request') return;
        const operation = operations.named(event.operation);
        const uses = operation && operations.uses(operation);
        if (uses && !uses.isDisjointFrom(names)) sent++;
      });
      await using down = new AsyncDisposableStack();
      for (const link of links) down.use(await link.disable());
      const injected = down.move();
      return {
        async evidence() {
          if (sent === 0) return null;
          const cut = held === 0 ? '' : `${plural(held, 'connection')} closed, and `;
          return `${cut}${plural(sent, 'request')} sent that need${sent === 1 ? 's' : ''} it`;
        },
        async [Symbol.asyncDispose]() {
          listening[Symbol.dispose]();
          await injected.disposeAsync();
        },
      };
    },
  };
}
