/** The report's larger documents, 80 KB each, one after another, beside searches at full speed. */
import {
  everyRequestEnds,
  fdsBack,
  health,
  ifOffered,
  nothingAcknowledgedLost,
  pressure,
  progress,
  readyTellsTheTruth,
  scenario,
  threadsBack,
  writes,
} from '../../harness/index.ts';

export default scenario({
  why: 'Large documents are work like any other: the event loop stays free for everybody else.',
  cost: 'cpu',
  load: [
    writes({ count: 8, bytes: [76_000, 82_000], during: ['fault'] }),
    pressure({ connections: 1 }),
  ],
  phases: (limits) => ({ baseline: '1.5s', fault: 6 * limits.requestMs, recovery: '500ms' }),
  always: [
    ifOffered(health()),
    everyRequestEnds(),
    ifOffered(progress()),
    ifOffered(readyTellsTheTruth()),
  ],
  afterQuiesce: [ifOffered(nothingAcknowledgedLost()), fdsBack(), threadsBack()],
});
