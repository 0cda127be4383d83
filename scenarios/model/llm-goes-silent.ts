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
  why: 'A model that falls silent in mid-answer must not stop ingest for ever, nor search, nor health.',
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
