/** Clients give up while their request is being worked on, as soon as its call has arrived at the model. */
import {
  abortingClients,
  bystanders,
  calls,
  ifOffered,
  llm,
  requests,
  scenario,
  tasksBack,
} from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default scenario({
  why: 'When a client gives up, everything that its request held is released.',
  cost: 'wait',
  load: [
    abortingClients(),
    requests({ every: ({ requestMs }) => requestMs / 4, during: ['baseline', 'recovery'] }),
    ifOffered(calls({ every: ({ requestMs }) => requestMs / 2, during: ['recovery'] })),
    ifOffered(bystanders({ every: ({ requestMs }) => requestMs / 8 })),
  ],
  phases: inLimits(2),
  faults: [ifOffered(llm.latency({ by: ({ requestMs }) => requestMs / 5 }))],
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: [...nothingStays(), ifOffered(tasksBack())],
});
