/** Every second answer of the model is a 200 with an HTML page in it. */
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
  why: 'A 200 whose body is no answer is a failed attempt, and is never used as data.',
  cost: 'wait',
  load: [writes({ every: '400ms' }), ifOffered(bystanders({ every: '300ms' }))],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 2 * limits.requestMs,
    recovery: 1.6 * limits.requestMs,
  }),
  faults: [llm.answersGarbage({ what: 'not-json', every: 2 })],
  always: [
    everyRequestEnds(),
    ifOffered(othersProgress()),
    ifOffered(readyTellsTheTruth()),
    ifOffered(health()),
  ],
  afterRecovery: [ifOffered(progressResumes()), nextRequestSucceeds()],
  afterQuiesce: [ifOffered(nothingAcknowledgedLost()), ifOffered(indexedOnce()), fdsBack()],
});
