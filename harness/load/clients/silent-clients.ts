/**
 * Clients that connect and say nothing, or the first half of a header, a byte now and then. Their number is
 * doubled up to a cap: how many it takes depends on threads, workers and connections that the server has.
 */
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import type { Environment } from '../../environment/environment.ts';
import type { Phase } from '../../history/events.ts';
import { checkOptions, count } from '../../platform/options.ts';
import { pause } from '../../platform/wait.ts';
import { climb } from '../levels.ts';
import { duringShape, type Load } from '../load.ts';

export interface SilentClientOptions {
  /** What each of them sends: nothing, or a header that never ends. */
  sends?: 'nothing' | 'half-header';
  /** How many there are at first; 8 when not given. */
  from?: number;
  /** How many at most; 256 when not given. */
  most?: number;
  during?: readonly Phase[];
}

const SHAPE = z.strictObject({
  sends: z.enum(['nothing', 'half-header']).optional(),
  from: count.optional(),
  most: count.optional(),
  during: duringShape.optional(),
});

const WHAT = {
  nothing: ['silent connection', 'silent connections'],
  'half-header': ['unfinished header', 'unfinished headers'],
} as const;

/** So many levels fit into the time that a request may take: requests are sent at each of them. */
const LEVELS_PER_LIMIT = 4;
/** A byte of the header so often, in parts of the limit. */
const BYTES_PER_LIMIT = 5;
const GROUP = 32;
const GROUP_PAUSE_MS = 10;

export function silentClients(options: SilentClientOptions = {}): Load {
  checkOptions('silentClients', SHAPE, options);
  const { sends = 'nothing', from = 8, most = 256, during = ['fault'] } = options;
  const what = WHAT[sends];
  return {
    name: 'silent clients',
    needs: [],
    endless: true,
    during,
    async warmup() {},
    async run(environment, stop) {
      const { requestMs } = environment.declared.limits;
      const open = new Set<Socket>();
      const drip = setInterval(() => {
        if (sends === 'half-header') for (const socket of open) socket.write('x');
      }, requestMs / BYTES_PER_LIMIT);
      const stepMs = requestMs / LEVELS_PER_LIMIT;
      await climb(environment, { what, from, most, stepMs }, stop, async (wanted) => {
        await fill(environment, open, wanted, sends, stop);
        return wanted;
      });
      clearInterval(drip);
      for (const socket of open) socket.destroy();
    },
  };
}

async function fill(
  { target }: Environment,
  open: Set<Socket>,
  wanted: number,
  sends: NonNullable<SilentClientOptions['sends']>,
  stop: AbortSignal,
): Promise<void> {
  const missing = wanted - open.size;
  for (let i = 0; i < missing && !stop.aborted; i++) {
    const { host, port } = target;
    const socket = connect({ host, port });
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    // Refused, or closed by a server that waits for nobody: that is its right.
    socket.on('error', () => {});
    socket.resume();
    if (sends === 'half-header')
      socket.write(`GET / HTTP/1.1\r\nHost: ${host}:${port}\r\nX-Slow: `);
    if (i % GROUP === GROUP - 1) await pause(GROUP_PAUSE_MS, stop);
  }
}
