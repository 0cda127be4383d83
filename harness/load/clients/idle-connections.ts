/** Opens connections that send nothing, until the server takes no more, and holds them for the phase. */
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import type { Phase } from '../../history/events.ts';
import { checkOptions, count } from '../../platform/options.ts';
import { aborted, pause } from '../../platform/wait.ts';
import { duringShape, type Load } from '../load.ts';

const SHAPE = z.strictObject({ count, during: duringShape.optional() });

export function idleConnections(options: { count: number; during?: readonly Phase[] }): Load {
  checkOptions('idleConnections', SHAPE, options);
  const { count: total, during = ['fault'] } = options;
  return {
    name: 'idle connections',
    needs: [],
    during,
    endless: true,
    async warmup() {},
    async run({ target, recorder }, stop) {
      const { host, port } = target;
      const sockets: Socket[] = [];
      for (let i = 0; i < total && !stop.aborted; i++) {
        const socket = connect({ host, port });
        // Refused or closed by a server that is full: that is what this is for.
        socket.on('error', () => {});
        sockets.push(socket);
        if (i % 50 === 49) await pause(20, stop);
      }
      recorder.record({ kind: 'level', what: 'idle connections', count: sockets.length });
      await aborted(stop);
      recorder.record({ kind: 'level', what: 'idle connections', count: 0 });
      for (const socket of sockets) socket.destroy();
    },
  };
}
