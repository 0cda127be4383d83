/** EverOS #316: an ingest script uploads one document after another; after 2-5 of them the server hung. */
import {
  bystanders,
  everyRequestEnds,
  fdsBack,
  health,
  ifOffered,
  nothingAcknowledgedLost,
  othersProgress,
  progress,
  readyTellsTheTruth,
  scenario,
  threadsBack,
  writes,
} from '../../harness/index.ts';

export default scenario({
  why: 'Documents of 10-20 KB uploaded one after another are all answered, indexed and found again.',
  cost: 'wait',
  load: [writes({ count: 20, during: ['fault'] }), ifOffered(bystanders({ every: '250ms' }))],
  phases: (limits) => ({ baseline: '1.5s', fault: 6 * limits.requestMs, recovery: '500ms' }),
  always: [
    ifOffered(progress()),
    everyRequestEnds(),
    ifOffered(othersProgress()),
    ifOffered(health()),
    ifOffered(readyTellsTheTruth()),
  ],
  afterQuiesce: [ifOffered(nothingAcknowledgedLost()), fdsBack(), threadsBack()],
});
