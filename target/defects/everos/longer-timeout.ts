import { defect } from '../defect.ts';

/** The limits were raised by this factor, when the hang was taken for a slow model. */
const RAISED = 5;

export default defect({
  why: 'The model timeout is raised to five times the declared request limit, and is the only limit.',
  parts: () => ({
    deadlines({ config }) {
      const attemptMs = RAISED * config.requestMs;
      const patience = { attemptMs, firstByteMs: attemptMs, idleMs: attemptMs };
      const requestMs = attemptMs * config.attempts;
      return {
        requestMs,
        turnMs: requestMs,
        request: patience,
        turn: patience,
        background: patience,
      };
    },
  }),
});
