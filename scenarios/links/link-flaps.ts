/** The way to the model goes down and comes back, twice a second. */
import {
  bystanders,
  embeddings,
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
  scenario,
  threadsBack,
  writes,
} from '../../harness/index.ts';

export default scenario({
  why: 'When links come and go, calls are retried; nothing hangs, nothing is lost, and no socket is left open.',
  cost: 'wait',
  load: [writes({ every: '400ms' }), ifOffered(bystanders({ every: '300ms' }))],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 2 * limits.requestMs,
    recovery: 2 * limits.requestMs,
  }),
  faults: [
    llm.flaps({ down: '200ms', up: '300ms' }),
    embeddings.flaps({ down: '200ms', up: '300ms' }),
  ],
  always: [everyRequestEnds(), ifOffered(othersProgress()), ifOffered(health())],
  afterRecovery: [ifOffered(progressResumes()), nextRequestSucceeds()],
  afterQuiesce: [
    ifOffered(nothingAcknowledgedLost()),
    ifOffered(indexedOnce()),
    fdsBack(),
    threadsBack(),
  ],
});
