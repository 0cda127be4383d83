/** The model falls silent in the middle of its streams: each of them must end, with an error event. */
import { everyRequestEnds, llm, nextRequestSucceeds, reads, scenario } from 'hanglab';

export default scenario({
  why: 'A stream whose model has fallen silent ends, and the next one is whole again.',
  cost: 'wait',
  load: [reads({ every: '250ms' })],
  phases: ({ requestMs }) => ({
    baseline: '1.5s',
    fault: 2.5 * requestMs,
    recovery: 2 * requestMs,
  }),
  faults: [llm.silentAfter({ tokens: 3 })],
  steadyState: [everyRequestEnds()],
  always: [everyRequestEnds()],
  afterRecovery: [nextRequestSucceeds()],
});
