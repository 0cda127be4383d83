/** Sixteen clients upload as fast as they can, more than can be indexed, beside searches and listings at full speed. */
import {
  embeddings,
  everyRequestEnds,
  fdsBack,
  ifOffered,
  indexedOnce,
  memoryBounded,
  nothingAcknowledgedLost,
  overloadRefused,
  pressure,
  scenario,
  threadsBack,
  writes,
} from '../../harness/index.ts';

export default scenario({
  why: 'Beyond its limit the server refuses at once, and keeps what it has accepted.',
  cost: 'cpu',
  load: [
    writes({ clients: 16, bytes: [10_000, 12_000], during: ['fault'] }),
    pressure({ connections: 2 }),
  ],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 4 * limits.requestMs,
    recovery: 1.6 * limits.requestMs,
  }),
  faults: [embeddings.latency({ by: '500ms' })],
  always: [overloadRefused(), memoryBounded({ growthMb: 600 }), everyRequestEnds()],
  afterQuiesce: [
    ifOffered(nothingAcknowledgedLost()),
    ifOffered(indexedOnce()),
    fdsBack(),
    threadsBack(),
  ],
});
