/** Clients that connect and leave again without a word, as port scanners and some load balancers do. */
import { connect } from 'node:net';
import { z } from 'zod';
import type { Phase } from '../../history/events.ts';
import { checkOptions, count } from '../../platform/options.ts';
import { pause } from '../../platform/wait.ts';
import { duringShape, type Load } from '../load.ts';

export interface VisitorOptions {
  /** How many altogether; 200 when not given. */
  count?: number;
  /** How many in the same instant; 16 when not given. */
  atOnce?: number;
  during?: readonly Phase[];
}

const SHAPE = z.strictObject({
  count: count.optional(),
  atOnce: count.optional(),
  during: duringShape.optional(),
});

/** Between two groups: a server has accepted the last ones by then, and may have given each to a worker. */
const EVERY_MS = 50;

export function visitors(options: VisitorOptions = {}): Load {
  checkOptions('visitors', SHAPE, options);
  const { atOnce = 16, during = ['fault'] } = options;
  const total = options.count ?? 200;
  return {
    name: 'visitors',
    needs: [],
    during,
    async warmup() {},
    async run({ target, scale, recorder }, stop) {
      const all = Math.ceil(total * scale);
      const what = 'clients that come and go';
      recorder.record({ kind: 'level', what, count: atOnce });
      for (let sent = 0; sent < all && !stop.aborted; sent += atOnce) {
        const { host, port } = target;
        for (let i = 0; i < atOnce; i++) {
          const socket = connect({ host, port }, () => socket.destroy());
          socket.on('error', () => {});
        }
        await pause(EVERY_MS, stop);
      }
      recorder.record({ kind: 'level', what, count: 0 });
    },
  };
}
