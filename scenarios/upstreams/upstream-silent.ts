/** An upstream takes requests and answers none; connections stay open. With one such call open, then 64, and more. */
import { bystanders, calls, eachUpstream, openCalls } from '../../harness/index.ts';
import { allWorksAgain, connectionsGo, inLimits, nothingHangs } from '../shared.ts';

export default eachUpstream((upstream) => ({
  why: 'An upstream that never answers costs its callers an error in time, and nobody else anything.',
  cost: 'wait',
  load: [
    openCalls(),
    calls({ every: ({ requestMs }) => requestMs / 5, during: ['baseline', 'recovery'] }),
    bystanders({ every: ({ requestMs }) => requestMs / 8 }),
  ],
  phases: inLimits(3),
  faults: [upstream.silent()],
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: connectionsGo(),
}));
