/**
 * The process of the scripted model is stopped (SIGSTOP): it does nothing any more, but its kernel still takes
 * connections and acknowledges every byte. TCP's keepalive notices nothing.
 */
import type { Fault } from '../fault.ts';
import { linkTraffic } from '../links/link-traffic.ts';
import { byRole } from '../links/selector.ts';

const CHAT = byRole('llm', 'chat');

export function pausesProcess(): Fault {
  return {
    name: 'llm.pausesProcess',
    needs: CHAT.needs,
    touches: CHAT.upstreams,
    async inject(environment) {
      const traffic = await linkTraffic(environment, CHAT);
      const { model } = environment;
      if (model) send(model.pid, 'SIGSTOP');
      return {
        async evidence() {
          const met = await traffic.since();
          return met && `the model's process was stopped, ${met}`;
        },
        async [Symbol.asyncDispose]() {
          traffic[Symbol.dispose]();
          if (model) send(model.pid, 'SIGCONT');
        },
      };
    },
  };
}

/** The environment that started the model reports its end. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
