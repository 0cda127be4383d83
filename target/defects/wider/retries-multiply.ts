import { ModelFailure } from '../../model/failure.ts';
import type { Ask } from '../../model/retries.ts';
import type { Parts } from '../../parts.ts';
import { defect } from '../defect.ts';

/** Attempts of the client library, and calls of the library by the code above: 18 attempts in all. */
const INNER = 3;
const OUTER = 6;

export default defect({
  why: 'Two layers retry a failed call, each on its own, at once, and ignore Retry-After.',
  parts: () => ({ ask: (parts) => again(OUTER, again(INNER, once(parts))) }),
});

function once({ attempt, watch }: Parts): Ask {
  return async (question, lane, scope) => {
    using _permit = await lane.permits.acquire(scope.signal);
    using call = watch.begin(question.link, lane.declaredMs);
    try {
      const answer = await attempt(question, lane.patience, scope);
      call.succeeded();
      return answer;
    } catch (error) {
      if (error instanceof ModelFailure) call.failed();
      throw error;
    }
  };
}

function again(times: number, ask: Ask): Ask {
  return async (question, lane, scope) => {
    for (let tries = 1; ; tries++) {
      try {
        return await ask(question, lane, scope);
      } catch (error) {
        if (!(error instanceof ModelFailure) || !error.passing) throw error;
        if (tries >= times || question.begun?.()) throw error;
        scope.signal.throwIfAborted();
      }
    }
  };
}
