/** The model begins each answer and falls silent in the middle of it; its connection stays open. */
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
  why: 'When the model falls silent in the middle of an answer, writes end in time, and reads and health go on.',
  cost: 'wait',
  load: [writes({ every: '400ms' }), ifOffered(bystanders({ every: '250ms' }))],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 2 * limits.requestMs,
    recovery: 2 * limits.requestMs,
  }),
  faults: [llm.silentAfter({ tokens: 5 })],
  always: [
    everyRequestEnds(),
    ifOffered(readyTellsTheTruth()),
    ifOffered(othersProgress()),
    ifOffered(health()),
  ],
  afterRecovery: [ifOffered(progressResumes()), nextRequestSucceeds()],
  afterQuiesce: [ifOffered(nothingAcknowledgedLost()), fdsBack()],
});
