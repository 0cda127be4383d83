import { ModelFailure } from '../../model/failure.ts';
import { pause } from '../../scope.ts';
import { defect } from '../defect.ts';

const ATTEMPTS = 3;
const BACKOFF_MS = 1000;

/** The chain of attempts goes on to its end, even when its request has ended. */
const never = new AbortController().signal;

export default defect({
  why: 'The engine permit is kept through every attempt and every back-off, however long that is.',
  parts: () => ({
    ask:
      ({ attempt, watch }) =>
      async (question, lane, scope) => {
        using _permit = await lane.permits.acquire(scope.signal);
        for (let tries = 1; ; tries++) {
          using call = watch.begin(question.link, lane.declaredMs);
          try {
            const answer = await attempt(question, lane.patience, scope);
            call.succeeded();
            return answer;
          } catch (error) {
            if (!(error instanceof ModelFailure)) throw error;
            call.failed();
            if (tries >= ATTEMPTS || !error.passing) throw error;
            call[Symbol.dispose]();
            await pause(error.retryAfterMs ?? BACKOFF_MS * tries, never);
          }
        }
      },
  }),
});
