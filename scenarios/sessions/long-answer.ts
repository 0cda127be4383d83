/** Structured answers that get longer and longer, each streamed as fast as the model can. */
import { cpuPerDoubling, health, ifOffered, longAnswers, scenario } from '../../harness/index.ts';
import { connectionsGo } from '../shared.ts';

export default scenario({
  why: 'An answer that is twice as long costs twice the CPU time, and does not block the event loop.',
  cost: 'cpu',
  load: longAnswers({ tokens: [8000, 32_000] }),
  phases: ({ requestMs }) => ({
    baseline: Math.min(1500, requestMs),
    fault: '90s',
    recovery: requestMs,
  }),
  always: [cpuPerDoubling(), ifOffered(health())],
  afterQuiesce: connectionsGo(),
});
