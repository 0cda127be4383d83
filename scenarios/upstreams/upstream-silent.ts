/** An upstream takes requests and answers none; connections stay open. With one such call open, then 64, and more. */
import { bystanders, calls, eachUpstream, openCalls } from '../../harness/index.ts';
import { allWorksAgain, connectionsGo, inLimits, nothingHangs } from '../shared.ts';

export default eachUpstream((upstream) => ({
  why: 'When an upstream never answers, callers get an error in time, and other requests are not affected.',
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
