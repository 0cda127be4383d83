/** Model and embeddings are both slow, and the queue is never empty; but it moves. */
import {
  bystanders,
  embeddings,
  everyRequestEnds,
  fdsBack,
  health,
  ifOffered,
  indexedOnce,
  llm,
  nothingAcknowledgedLost,
  othersProgress,
  progress,
  readyTellsTheTruth,
  scenario,
  writes,
} from '../../harness/index.ts';

export default scenario({
  why: 'Slow is not hung: as long as work arrives, nothing is reported.',
  cost: 'wait',
  load: [writes({ clients: 2 }), ifOffered(bystanders({ every: '400ms' }))],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 2.5 * limits.requestMs,
    recovery: 1 * limits.requestMs,
  }),
  faults: [llm.latency({ by: '250ms' }), embeddings.latency({ by: '250ms' })],
  always: [
    progress(),
    everyRequestEnds(),
    ifOffered(othersProgress()),
    ifOffered(readyTellsTheTruth()),
    ifOffered(health()),
  ],
  afterQuiesce: [ifOffered(nothingAcknowledgedLost()), ifOffered(indexedOnce()), fdsBack()],
});
