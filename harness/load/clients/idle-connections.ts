/**
 * Opens connections that send nothing, until the server takes no more, and holds them for the phase. With
 * `leaveAfter` all of them leave after that time, and as many new ones come.
 */
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import type { Phase } from '../../history/events.ts';
import { type Duration, toMs } from '../../platform/duration.ts';
import { checkOptions, count, duration } from '../../platform/options.ts';
import { aborted, pause } from '../../platform/wait.ts';
import { duringShape, type Load } from '../load.ts';

const SHAPE = z.strictObject({
  count,
  leaveAfter: duration.optional(),
  during: duringShape.optional(),
});

const LEVEL = 'idle connections';

export function idleConnections(options: {
  count: number;
  leaveAfter?: Duration;
  during?: readonly Phase[];
}): Load {
  checkOptions('idleConnections', SHAPE, options);
  const { count: total, leaveAfter, during = ['fault'] } = options;
  return {
    name: LEVEL,
    needs: [],
    during,
    endless: true,
    async warmup() {},
    async run({ target, recorder }, stop) {
      let opened = 0;
      while (!stop.aborted) {
        const sockets = await openSockets(target, total, stop);
        opened += sockets.length;
        recorder.record({ kind: 'level', what: LEVEL, count: sockets.length });
        await (leaveAfter === undefined ? aborted(stop) : pause(toMs(leaveAfter), stop));
        for (const socket of sockets) socket.destroy();
      }
      recorder.record({ kind: 'level', what: LEVEL, count: 0 });
      recorder.record({ kind: 'note', text: `${opened} idle connections opened` });
    },
  };
}

async function openSockets(
  { host, port }: { host: string; port: number },
  total: number,
  stop: AbortSignal,
): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let i = 0; i < total && !stop.aborted; i++) {
    const socket = connect({ host, port });
    // Refused or closed by a server that is full: that is what this is for.
    socket.on('error', () => {});
    sockets.push(socket);
    if (i % 50 === 49) await pause(20, stop);
  }
  return sockets;
}
