import { messageOf } from '../../../harness/platform/errors.ts';
import { ModelFailure } from '../../model/failure.ts';
import { defect } from '../defect.ts';

export default defect({
  why: 'One refusal by the model marks an accepted row as failed for ever: nothing tries it again.',
  parts: (healthy) => ({
    afterFailure(parts) {
      const afterFailure = healthy.afterFailure(parts);
      return (claim, error) =>
        isRefusal(error)
          ? { state: 'failed', retryInMs: null, error: messageOf(error) }
          : afterFailure(claim, error);
    },
  }),
});

function isRefusal(error: unknown): boolean {
  return error instanceof ModelFailure && (error.kind === 'garbage' || !error.passing);
}
