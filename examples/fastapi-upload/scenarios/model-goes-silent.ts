/** The model begins each answer and falls silent; when it is back, the work must go on. */
import {
  bystanders,
  everyRequestEnds,
  llm,
  nextRequestSucceeds,
  progressResumes,
  scenario,
  writes,
} from 'hanglab';

export default scenario({
  why: 'A model that falls silent in mid-answer stops neither other requests nor the work that comes later.',
  cost: 'wait',
  load: [writes({ every: '300ms' }), bystanders({ every: '200ms' })],
  phases: ({ requestMs }) => ({
    baseline: '1.5s',
    fault: 2.5 * requestMs,
    recovery: 2 * requestMs,
  }),
  faults: [llm.silentAfter({ tokens: 3 })],
  steadyState: [everyRequestEnds()],
  always: [everyRequestEnds()],
  afterRecovery: [progressResumes(), nextRequestSucceeds()],
});
