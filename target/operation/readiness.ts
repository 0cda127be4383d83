/** Readiness: whether accepted work arrives. Each reason says what was seen and what the limit is. */
import type { Claims } from '../cascade/claims.ts';
import type { Config } from '../config/schema.ts';
import type { ModelLink } from '../model/failure.ts';
import type { ModelWatch } from '../model/watch.ts';
import type { Writer } from '../vectors/writer.ts';

export interface Readiness {
  /** Empty when the server is ready. */
  reasons(): string[];
}

export interface ReadinessParts {
  config: Config;
  claims: Claims;
  writer: Writer;
  watch: ModelWatch;
}

/** So many failures in a row are no accident; they count while the last one is recent. */
const FAILURES_IN_A_ROW = 3;

export function readinessOf({ config, claims, writer, watch }: ReadinessParts): Readiness {
  const { attemptMs, requestMs, queueAgeMs, writeMs } = config;

  const ofQueue = (): string[] => {
    const { oldestMs, staleClaims } = claims.backlog();
    return [
      ...(oldestMs > queueAgeMs
        ? [`queue: the oldest row waits ${Math.round(oldestMs)} ms (limit ${queueAgeMs} ms)`]
        : []),
      ...(staleClaims > 0 ? [`claims: ${staleClaims} have run out and nobody took them back`] : []),
    ];
  };

  const ofWriter = (): string[] => {
    const { currentMs } = writer.state();
    if (currentMs <= writeMs) return [];
    return [`writer: the write under way takes ${Math.round(currentMs)} ms (limit ${writeMs} ms)`];
  };

  const ofModel = (link: ModelLink): string[] => {
    const { oldestMs, failuresInARow, lastFailureAgoMs } = watch.state(link);
    // A quarter above its deadline a call can only be one that no deadline ends.
    const overdue = oldestMs > attemptMs * 1.25;
    const failing = failuresInARow >= FAILURES_IN_A_ROW && lastFailureAgoMs < 2 * requestMs;
    return [
      ...(overdue
        ? [`${link}: a call takes ${Math.round(oldestMs)} ms (limit ${attemptMs} ms)`]
        : []),
      ...(failing ? [`${link}: the last ${failuresInARow} calls failed`] : []),
    ];
  };

  return {
    reasons: () => [...ofQueue(), ...ofWriter(), ...ofModel('llm'), ...ofModel('embeddings')],
  };
}
