/** The model answers nothing; each caller must be told so in time. */
import { everyRequestEnds, llm, nextRequestSucceeds, reads, scenario } from 'hanglab';

export default scenario({
  why: 'A call to a model that is silent ends, and the next one is answered.',
  cost: 'wait',
  load: [reads({ every: '250ms' })],
  phases: ({ requestMs }) => ({
    baseline: '1.5s',
    fault: 2.5 * requestMs,
    recovery: 2 * requestMs,
  }),
  faults: [llm.stalls()],
  steadyState: [everyRequestEnds()],
  always: [everyRequestEnds()],
  afterRecovery: [nextRequestSucceeds()],
});
