import { defect } from '../defect.ts';

/** By so much the limits were raised, when the hang was taken for a model that needs more time. */
const RAISED = 5;

export default defect({
  why: 'The model timeout is raised to five times the declared request limit, and is the only limit.',
  parts: () => ({
    deadlines({ config }) {
      const attemptMs = RAISED * config.requestMs;
      const patience = { attemptMs, firstByteMs: attemptMs, idleMs: attemptMs };
      return { requestMs: attemptMs * config.attempts, request: patience, background: patience };
    },
  }),
});
