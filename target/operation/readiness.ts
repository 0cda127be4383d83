/** Readiness: whether accepted work arrives. Each reason says what was seen and what the limit is. */
import type { Claims } from '../cascade/claims.ts';
import type { Config } from '../config/schema.ts';
import type { ModelLink } from '../model/failure.ts';
import type { ModelWatch } from '../model/watch.ts';
import type { Tasks } from '../tasks/tasks.ts';
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
  tasks: Pick<Tasks, 'open'>;
}

/** Failures in a row that count as an outage, while the last one is recent. */
const FAILURES_IN_A_ROW = 3;

export function readinessOf(parts: ReadinessParts): Readiness {
  const { config, claims, writer, watch, tasks } = parts;
  const { requestMs, queueAgeMs, writeMs } = config;

  const ofQueue = (): string[] => {
    const { oldestMs, staleClaims } = claims.backlog();
    return [
      ...(oldestMs > queueAgeMs
        ? [`queue: the oldest row waits ${Math.round(oldestMs)} ms (limit ${queueAgeMs} ms)`]
        : []),
      ...(staleClaims > 0 ? [`claims: ${staleClaims} have expired and were not taken back`] : []),
    ];
  };

  const ofWriter = (): string[] => {
    const { currentMs } = writer.state();
    if (currentMs <= writeMs) return [];
    return [`writer: the current write takes ${Math.round(currentMs)} ms (limit ${writeMs} ms)`];
  };

  const ofTasks = (): string[] => {
    const { oldestMs } = tasks.open();
    if (oldestMs <= queueAgeMs) return [];
    return [
      `tasks: the oldest has been open for ${Math.round(oldestMs)} ms (limit ${queueAgeMs} ms)`,
    ];
  };

  const ofModel = (link: ModelLink): string[] => {
    const { overdue, failuresInARow, lastFailureAgoMs } = watch.state(link);
    const failing = failuresInARow >= FAILURES_IN_A_ROW && lastFailureAgoMs < 2 * requestMs;
    return [
      ...(overdue
        ? [`${link}: a call takes ${Math.round(overdue.ageMs)} ms (limit ${overdue.limitMs} ms)`]
        : []),
      ...(failing ? [`${link}: the last ${failuresInARow} calls failed`] : []),
    ];
  };

  return {
    reasons: () => [
      ...ofQueue(),
      ...ofWriter(),
      ...ofTasks(),
      ...ofModel('llm'),
      ...ofModel('embeddings'),
    ],
  };
}
