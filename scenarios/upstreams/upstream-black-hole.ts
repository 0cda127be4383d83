/** The way to an upstream swallows everything, in both directions; connections stay open. */
import { bystanders, calls, eachUpstream, openCalls } from '../../harness/index.ts';
import { allWorksAgain, connectionsGo, inLimits, nothingHangs } from '../shared.ts';

export default eachUpstream((upstream) => ({
  why: 'When an upstream swallows all bytes, callers get an error in time, even with hundreds of calls open.',
  cost: 'wait',
  load: [
    openCalls(),
    calls({ every: ({ requestMs }) => requestMs / 5, during: ['baseline', 'recovery'] }),
    bystanders({ every: ({ requestMs }) => requestMs / 8 }),
  ],
  phases: inLimits(3),
  faults: [upstream.blackHole()],
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: connectionsGo(),
}));
