/** Longer and longer answers full of braces, as code and JSON are, each streamed as fast as the model can. */
import { cpuPerDoubling, health, ifOffered, longAnswers, scenario } from '../../harness/index.ts';
import { connectionsGo } from '../shared.ts';

export default scenario({
  why: 'Braces inside an answer do not make it more expensive: twice the length costs twice the CPU time.',
  cost: 'cpu',
  load: longAnswers({ tokens: [8000, 32_000], of: 'braces' }),
  phases: ({ requestMs }) => ({
    baseline: Math.min(1500, requestMs),
    fault: '90s',
    recovery: requestMs,
  }),
  always: [cpuPerDoubling(), ifOffered(health())],
  afterQuiesce: connectionsGo(),
});
