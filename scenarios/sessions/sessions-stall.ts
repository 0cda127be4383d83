/** As many silent streams as a small pool has places, beside requests that do not use the model. */
import { bystanders, calls, llm, openCalls, scenario } from '../../harness/index.ts';
import { allWorksAgain, connectionsGo, inLimits, nothingHangs } from '../shared.ts';

export default scenario({
  why: 'Streams that wait for a silent model hold no slot that other requests need.',
  cost: 'wait',
  load: [
    openCalls({ from: 8, most: 16 }),
    calls({ every: ({ requestMs }) => requestMs / 5, during: ['baseline', 'recovery'] }),
    bystanders({ every: ({ requestMs }) => requestMs / 8 }),
  ],
  phases: inLimits(3),
  faults: [llm.silentAfter({ tokens: 3 })],
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: connectionsGo(),
});
