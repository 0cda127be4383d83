/**
 * A negative control: connections that an upstream has closed stand idle in a pool, in CLOSE_WAIT, while other
 * requests go on. That is harmless, and no finding.
 */
import { bystanders, calls, closeWait, eachUpstream } from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs } from '../shared.ts';

export default eachUpstream((upstream) => ({
  why: 'Idle connections that the peer has closed do no harm, and are replaced when they are needed.',
  cost: 'wait',
  load: [
    calls({ clients: 8, during: ['baseline'] }),
    bystanders({ every: ({ requestMs }) => requestMs / 8 }),
  ],
  phases: inLimits(2, 1.5),
  faults: [upstream.closesIdle()],
  always: [...nothingHangs(), closeWait()],
  afterRecovery: allWorksAgain(),
}));
