/** Tasks in the background whose call at the model is refused. */
import {
  existing,
  ifOffered,
  llm,
  reads,
  scenario,
  taskEnds,
  writes,
} from '../../harness/index.ts';
import { inLimits, nothingHangs } from '../shared.ts';

export default scenario({
  why: 'A background task that fails is reported as failed, so that nobody waits for it for ever.',
  cost: 'wait',
  load: [
    existing({ count: 8 }),
    writes({ every: ({ requestMs }) => requestMs / 4, untilDone: true }),
    ifOffered(reads({ every: ({ requestMs }) => requestMs / 4 })),
  ],
  phases: inLimits(2),
  faults: [llm.fails({ status: 400 })],
  always: [taskEnds(), ...nothingHangs()],
});
