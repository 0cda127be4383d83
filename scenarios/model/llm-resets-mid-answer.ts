/** Every second answer of the model ends in a connection reset after five tokens. */
import {
  bystanders,
  everyRequestEnds,
  fdsBack,
  health,
  ifOffered,
  indexedOnce,
  llm,
  nextRequestSucceeds,
  nothingAcknowledgedLost,
  othersProgress,
  progressResumes,
  readyTellsTheTruth,
  scenario,
  writes,
} from '../../harness/index.ts';

export default scenario({
  why: 'A connection that is reset in the middle of an answer is a failed attempt: it is retried, or reported to the client.',
  cost: 'wait',
  load: [writes({ every: '400ms' }), ifOffered(bystanders({ every: '300ms' }))],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 2 * limits.requestMs,
    recovery: 1.6 * limits.requestMs,
  }),
  faults: [llm.resetsAfter({ tokens: 5, every: 2 })],
  always: [
    everyRequestEnds(),
    ifOffered(othersProgress()),
    ifOffered(readyTellsTheTruth()),
    ifOffered(health()),
  ],
  afterRecovery: [ifOffered(progressResumes()), nextRequestSucceeds()],
  afterQuiesce: [ifOffered(nothingAcknowledgedLost()), ifOffered(indexedOnce()), fdsBack()],
});
