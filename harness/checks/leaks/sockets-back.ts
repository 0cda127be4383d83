/**
 * `sockets-back`: the target's TCP sockets return to what remained after warmup. Connections that its clients
 * still hold open are theirs to close, and idle pooled ones are kept by design: up to the allowance, and all that are seen to be reused.
 */
import type { SocketCount } from '../../history/events.ts';
import type { Check } from '../check.ts';
import { countBack } from './count-back.ts';

export function socketsBack(): Check {
  return countBack({
    name: 'sockets-back',
    unit: 'sockets',
    countsConnections: true,
    in: {
      resources: ({ sockets }) => sockets.filter(isOwn).reduce((sum, { count }) => sum + count, 0),
    },
    detail({ sockets }) {
      const most = sockets.filter(isOwn).sort((a, b) => b.count - a.count);
      const shown = most.slice(0, 4).map(({ peer, state, count }) => `${peer} ${state} ${count}`);
      return `by peer: ${shown.join(', ')}`;
    },
  });
}

/** The kernel closes what is in TIME_WAIT by itself, and has taken it from the process. */
function isOwn({ peer, state }: SocketCount): boolean {
  if (state === 'LISTEN' || state === 'TIME_WAIT') return false;
  return !(peer === 'front' && state === 'ESTABLISHED');
}
