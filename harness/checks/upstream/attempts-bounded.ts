/**
 * `attempts-bounded`: one request costs a bounded number of calls at the model, whatever the model answers. Two
 * layers that both retry multiply, and turn a slow model into an overloaded one.
 */

import { z } from 'zod';
import { checkOptions, count } from '../../platform/options.ts';
import { plural } from '../../platform/plural.ts';
import { type Check, check } from '../check.ts';

interface State {
  attempts: Map<string, number>;
  most: { subject: string; attempts: number } | null;
}

/** More subjects than this are not kept apart: the oldest are forgotten. */
const MOST_SUBJECTS = 2000;

const SHAPE = z.strictObject({ attempts: count.optional() });

/** `attempts`: how many calls one request may cost; six: three attempts at each of two steps. */
export function attemptsBounded(options: { attempts?: number } = {}): Check {
  checkOptions('attemptsBounded', SHAPE, options);
  const { attempts: limit = 6 } = options;
  return check<State>({
    name: 'attempts-bounded',
    needs: ['chat'],
    start: () => ({ attempts: new Map(), most: null }),
    on: {
      'model-start'(state, { subject, operation }) {
        if (subject === null) return;
        const key = `${operation} "${subject}"`;
        const attempts = (state.attempts.get(key) ?? 0) + 1;
        state.attempts.set(key, attempts);
        if (attempts > (state.most?.attempts ?? 0)) state.most = { subject: key, attempts };
        const [oldest] = state.attempts.keys();
        if (state.attempts.size > MOST_SUBJECTS && oldest) state.attempts.delete(oldest);
      },
    },
    finding({ most }, { complete }) {
      const base = {
        phase: 'fault' as const,
        measured: { value: most?.attempts ?? 0, unit: 'attempts' },
        limit: { value: limit, unit: 'attempts' },
      };
      if (!most) {
        const message = 'no call at the model says what it is about';
        return { ...base, verdict: complete ? 'inconclusive' : 'pass', message };
      }
      const verdict = most.attempts > limit ? 'fail' : 'pass';
      const message = `${most.subject} was asked of the model ${plural(most.attempts, 'time')}`;
      return { ...base, verdict, message };
    },
  });
}
