/** The only place that retries. A permit is held during an attempt, never during a back-off. */
import type { Random } from '../../harness/platform/random.ts';
import type { Lane } from '../lanes.ts';
import type { Permit } from '../permits.ts';
import { overloaded, Refusal } from '../refusal.ts';
import { pause, type Scope } from '../scope.ts';
import type { Attempt, Question } from './attempt.ts';
import { ModelFailure } from './failure.ts';
import type { ModelWatch } from './watch.ts';

/** Answers `question` in as many attempts as the lane allows within the scope. */
export type Ask = <T>(question: Question<T>, lane: Lane, scope: Scope) => Promise<T>;

interface RetryOptions {
  attempt: Attempt;
  watch: ModelWatch;
  /** Ceiling of the first back-off in milliseconds; doubled at each further one, full jitter. */
  backoffMs: number;
  random: Random;
}

export function askWithRetries({ attempt, watch, backoffMs, random }: RetryOptions): Ask {
  return async (question, lane, scope) => {
    for (let tries = 1; ; tries++) {
      let failure: ModelFailure;
      {
        using _permit = await permitOf(lane, scope);
        using call = watch.begin(question.link, lane.declaredMs);
        try {
          const answer = await attempt(question, lane.patience, scope);
          call.succeeded();
          return answer;
        } catch (error) {
          if (!(error instanceof ModelFailure)) throw error;
          call.failed();
          failure = error;
        }
      }
      if (tries >= lane.attempts || !failure.passing || question.begun?.()) throw failure;
      const waitMs = failure.retryAfterMs ?? random.next() * backoffMs * 2 ** (tries - 1);
      if (waitMs >= scope.remainingMs()) throw failure;
      await pause(waitMs, scope.signal);
    }
  };
}

/** @throws Refusal 503 when the deadline comes before the turn */
async function permitOf(lane: Lane, scope: Scope): Promise<Permit> {
  try {
    return await lane.permits.acquire(scope.signal);
  } catch (error) {
    const late = error instanceof Refusal && error.code === 'deadline';
    throw late ? overloaded('no-permit', 'too many requests wait for the model') : error;
  }
}
