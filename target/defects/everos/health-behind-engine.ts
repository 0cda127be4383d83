import { defect } from '../defect.ts';

/** A health check is never cancelled: its handler has no deadline. */
const never = new AbortController().signal;

export default defect({
  why: 'Liveness passes the same gate as the work: a health check needs a permit of the engine.',
  parts: () => ({
    health:
      ({ engine }) =>
      async () => {
        using _permit = await engine.acquire(never);
        return { status: 'ok' };
      },
  }),
});
