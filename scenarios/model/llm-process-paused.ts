/** The model's process is stopped: its kernel still takes connections and acknowledges every byte. */
import { bystanders, calls, ifOffered, llm, openCalls, scenario } from '../../harness/index.ts';
import { allWorksAgain, connectionsGo, inLimits, nothingHangs } from '../shared.ts';

export default scenario({
  why: 'A peer whose kernel still acknowledges bytes may never answer: TCP keepalive is no deadline.',
  cost: 'wait',
  load: [
    openCalls({ from: 8, most: 32 }),
    calls({ every: ({ requestMs }) => requestMs / 5, during: ['baseline', 'recovery'] }),
    ifOffered(bystanders({ every: ({ requestMs }) => requestMs / 8 })),
  ],
  phases: inLimits(3),
  faults: [llm.pausesProcess()],
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: connectionsGo(),
});
