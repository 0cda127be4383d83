/** The way to an upstream goes down and comes back, several times within a limit. */
import { bystanders, calls, eachUpstream } from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default eachUpstream((upstream) => ({
  why: 'When an upstream comes and goes, calls may fail, but nothing hangs and no socket is left open.',
  cost: 'wait',
  load: [
    calls({ every: ({ requestMs }) => requestMs / 10 }),
    bystanders({ every: ({ requestMs }) => requestMs / 8 }),
  ],
  phases: inLimits(2),
  faults: [upstream.flaps({ down: '150ms', up: '250ms' })],
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: nothingStays(),
}));
