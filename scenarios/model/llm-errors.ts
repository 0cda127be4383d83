/** The model answers with errors only: 500, 503, 401 and 400, each for some of the requests. */
import { bystanders, calls, ifOffered, llm, scenario } from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default scenario({
  why: "After the model's errors have ended, no connection and no slot is still held by them.",
  cost: 'wait',
  load: [
    calls({ every: ({ requestMs }) => requestMs / 10 }),
    ifOffered(bystanders({ every: ({ requestMs }) => requestMs / 8 })),
  ],
  // What a pool has lost shows in the recovery: it is watched for longer than elsewhere.
  phases: inLimits(2, 4.5),
  faults: [
    llm.fails({ status: 500, every: 2 }),
    llm.fails({ status: 503, every: 2 }),
    llm.fails({ status: 401, every: 2 }),
    llm.fails({ status: 400 }),
  ],
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: nothingStays(),
});
