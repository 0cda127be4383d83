import { monotonicMs } from '../../../platform/clock.ts';
import { END, INTERRUPTED } from '../pipe/stub.ts';
import type { ToxicKind } from './toxic.ts';

/** What a packet on an Ethernet carries of a TCP stream. */
const PACKET_BYTES = 1460;
/** As Linux does: a retransmission waits at least so long, and twice as long each time after that. */
const RETRANSMIT_MS = 200;
const MOST_DOUBLINGS = 6;

/**
 * What loss and jitter do to a TCP stream, seen from above: each packet comes `latency` ms late, give or
 * take `jitter`; of 100 packets `loss` are lost, and sent again `retransmit` ms later (200 when 0), twice
 * as long when lost again. Nothing is missing and nothing overtakes: what follows a late packet waits.
 */
export const packets: ToxicKind<{
  latency: number;
  jitter: number;
  loss: number;
  retransmit: number;
}> = {
  type: 'packets',
  typeName: 'PacketsToxic',
  attributes: {
    latency: { type: 'int64', min: 0 },
    jitter: { type: 'int64', min: 0 },
    loss: { type: 'int64', min: 0, max: 99 },
    retransmit: { type: 'int64', min: 0 },
  },
  extra: true,
  // Packets that are under way at once; as many as `latency` has, so that it does not cost throughput.
  bufferChunks: 1024,
  async pipe(stub, { latency, jitter, loss, retransmit }, random) {
    const delayMs = (): number => {
      let ms = latency + (2 * random.next() - 1) * jitter;
      let again = retransmit || RETRANSMIT_MS;
      for (let i = 0; i < MOST_DOUBLINGS && random.next() * 100 < loss; i++) {
        ms += again;
        again *= 2;
      }
      return Math.max(0, ms);
    };
    for (;;) {
      const chunk = await stub.read();
      if (chunk === INTERRUPTED) return;
      if (chunk === END) return stub.close();
      for (let rest = chunk.data; rest.length > 0; rest = rest.subarray(PACKET_BYTES)) {
        const dueMs = chunk.receivedMs + delayMs();
        if (!(await stub.sleep(dueMs - monotonicMs()))) {
          return stub.giveBack({ data: rest, receivedMs: chunk.receivedMs });
        }
        await stub.write({ data: rest.subarray(0, PACKET_BYTES), receivedMs: dueMs });
      }
    }
  },
};
