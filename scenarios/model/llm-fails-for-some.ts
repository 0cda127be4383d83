/** The model refuses every third document with 503 and a long Retry-After. */
import {
  bystanders,
  everyRequestEnds,
  fdsBack,
  health,
  ifOffered,
  llm,
  nextRequestSucceeds,
  nothingAcknowledgedLost,
  othersProgress,
  progressResumes,
  scenario,
  writes,
} from '../../harness/index.ts';

export default scenario({
  why: 'A document that the model refuses for a while must not hold up the others.',
  cost: 'wait',
  load: [writes({ every: '300ms', markEvery: 3 }), ifOffered(bystanders({ every: '300ms' }))],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 2.5 * limits.requestMs,
    recovery: 1.6 * limits.requestMs,
  }),
  faults: [llm.fails({ status: 503, retryAfterS: 5, marked: true })],
  always: [ifOffered(othersProgress()), everyRequestEnds(), ifOffered(health())],
  afterRecovery: [ifOffered(progressResumes()), nextRequestSucceeds()],
  afterQuiesce: [ifOffered(nothingAcknowledgedLost()), fdsBack()],
});
