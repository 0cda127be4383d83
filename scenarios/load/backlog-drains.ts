/** Forty clients at once: connections and work pile up, and drain when the load is gone. */
import {
  embeddings,
  everyRequestEnds,
  fdsBack,
  ifOffered,
  indexedOnce,
  nothingAcknowledgedLost,
  progress,
  scenario,
  threadsBack,
  writes,
} from '../../harness/index.ts';

export default scenario({
  why: 'A backlog that builds up under load drains afterwards, and is not reported as a leak.',
  cost: 'cpu',
  load: writes({ clients: 40, bytes: [10_000, 12_000], during: ['fault'] }),
  phases: (limits) => ({ baseline: '1.5s', fault: 1.5 * limits.requestMs, recovery: '500ms' }),
  faults: [embeddings.latency({ by: '200ms' })],
  always: [everyRequestEnds(), progress()],
  afterQuiesce: [
    ifOffered(nothingAcknowledgedLost()),
    ifOffered(indexedOnce()),
    fdsBack(),
    threadsBack(),
  ],
});
