/** The model answers 500 for a while; when it is back, so is the proxy. */
import { everyRequestEnds, llm, nextRequestSucceeds, reads, scenario } from 'hanglab';

export default scenario({
  why: 'Calls that failed leave nothing behind that later ones would wait for.',
  cost: 'wait',
  load: [reads({ every: '200ms' })],
  phases: ({ requestMs }) => ({
    baseline: '1.5s',
    fault: 2.5 * requestMs,
    recovery: 2 * requestMs,
  }),
  faults: [llm.fails({ status: 500 })],
  steadyState: [everyRequestEnds()],
  always: [everyRequestEnds()],
  afterRecovery: [nextRequestSucceeds()],
});
