/** What becomes of a row whose work failed: it is put back, and comes again after a back-off. */
import { messageOf } from '../../harness/platform/errors.ts';
import type { Config } from '../config/schema.ts';
import type { Claim, PutBack } from './claims.ts';

export type AfterFailure = (claim: Claim, error: unknown) => PutBack;

/**
 * Nothing is given up for good: an accepted document stays a promise. After `rowAttempts` refusals
 * the row is shown as failed, so that people see it, and is still tried at the longest back-off.
 */
export function putBackWithBackoff(config: Config): AfterFailure {
  return (claim, error) => ({
    state: claim.attempts + 1 >= config.rowAttempts ? 'failed' : 'pending',
    retryInMs: Math.min(config.rowBackoffMs * 2 ** claim.attempts, config.rowBackoffMaxMs),
    error: messageOf(error).slice(0, 500),
  });
}
