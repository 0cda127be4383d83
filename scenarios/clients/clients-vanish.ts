/** Clients open a stream and are gone as soon as it has begun: closed, or reset. */
import {
  childrenBack,
  ifOffered,
  llm,
  requests,
  scenario,
  tasksBack,
  upstreamLetGo,
  vanishingClients,
} from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default scenario({
  why: 'When a client has gone, its stream ends, and so does the model call for it.',
  cost: 'wait',
  load: [vanishingClients({ bytes: 200 }), requests({ every: ({ requestMs }) => requestMs / 4 })],
  phases: inLimits(3),
  // Slow enough that a call still goes on when its client leaves.
  faults: [ifOffered(llm.speaksSlowly({ tokensPerSecond: 4, tokens: 30 }))],
  always: [...nothingHangs(), ifOffered(upstreamLetGo())],
  afterRecovery: allWorksAgain(),
  afterQuiesce: [...nothingStays(), childrenBack(), ifOffered(tasksBack())],
});
