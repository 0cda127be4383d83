/** The model sends each answer a byte every 100 ms: no inactivity timer ever fires. */
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
  readyTellsTheTruth,
  scenario,
  writes,
} from '../../harness/index.ts';

export default scenario({
  why: 'An answer that arrives very slowly is abandoned at a deadline, even while bytes still arrive.',
  cost: 'wait',
  load: [writes({ every: '400ms' }), ifOffered(bystanders({ every: '300ms' }))],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 2 * limits.requestMs,
    recovery: 1.6 * limits.requestMs,
  }),
  faults: [llm.drips({ every: '100ms' })],
  always: [
    everyRequestEnds(),
    ifOffered(readyTellsTheTruth()),
    ifOffered(othersProgress()),
    ifOffered(health()),
  ],
  afterRecovery: [ifOffered(progressResumes()), nextRequestSucceeds()],
  afterQuiesce: [ifOffered(nothingAcknowledgedLost()), fdsBack()],
});
