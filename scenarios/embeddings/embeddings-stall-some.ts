/** The embeddings of every fourth write never come; all others do. */
import {
  deletes,
  embeddings,
  everyRequestEnds,
  fdsBack,
  health,
  ifOffered,
  indexedOnce,
  nextRequestSucceeds,
  nothingAcknowledgedLost,
  othersProgress,
  progressResumes,
  scenario,
  writes,
} from '../../harness/index.ts';

export default scenario({
  why: 'Work whose embeddings arrive is done, and deleted, in time, whatever happens to the rest.',
  cost: 'wait',
  load: [
    writes({ every: '400ms', markEvery: 4, untilDone: true }),
    deletes({ every: '1s', after: 'done' }),
  ],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 2 * limits.requestMs,
    recovery: 2 * limits.requestMs,
  }),
  faults: [embeddings.stalls({ marked: true })],
  always: [ifOffered(othersProgress()), everyRequestEnds(), ifOffered(health())],
  afterRecovery: [ifOffered(progressResumes()), nextRequestSucceeds()],
  afterQuiesce: [ifOffered(nothingAcknowledgedLost()), ifOffered(indexedOnce()), fdsBack()],
});
