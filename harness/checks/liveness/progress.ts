/**
 * `progress`: accepted work arrives. Not "is it alive" but "does it move": while there is work to do, the
 * time in which nothing at all was finished. Needed because a wedged server's health can stay green.
 */

import { type History, phaseAt } from '../../history/history.ts';
import { formatMs } from '../../platform/duration.ts';
import { type Check, inMs } from '../check.ts';
import { trustedTime } from '../trusted-time.ts';
import { requestLimitMs } from './every-request-ends.ts';

export interface Standstill {
  fromMs: number;
  toMs: number;
  trustedMs: number;
  /** Rows that were accepted and had not arrived, and requests that were open, at its end. */
  unfinishedRows: number;
  openRequests: number;
}

interface Step {
  t: number;
  /** Something was finished at this instant. */
  finished: boolean;
  unfinishedRows?: number;
  openRequests?: number;
}

/** The stretches with work to do and nothing finished, longest last. */
export function standstills(history: History): Standstill[] {
  const trusted = trustedTime(history);
  const found: Standstill[] = [];
  let rows = 0;
  let requests = 0;
  let sinceMs: number | null = null;
  const close = (toMs: number): void => {
    if (sinceMs === null) return;
    const trustedMs = trusted.betweenMs(sinceMs, toMs);
    found.push({ fromMs: sinceMs, toMs, trustedMs, unfinishedRows: rows, openRequests: requests });
    sinceMs = null;
  };
  for (const step of steps(history)) {
    if (step.finished) close(step.t);
    rows = step.unfinishedRows ?? rows;
    requests = step.openRequests ?? requests;
    if (rows + requests === 0) close(step.t);
    else sinceMs ??= step.t;
  }
  close(history.untilMs);
  return found.sort((a, b) => a.trustedMs - b.trustedMs);
}

function* steps(history: History): Generator<Step> {
  let indexed = -1;
  const open = new Set<number>();
  for (const event of history.events) {
    if (event.kind === 'request' && event.operation === 'upload') {
      open.add(event.id);
      yield { t: event.t, finished: false, openRequests: open.size };
    } else if (event.kind === 'request-end' && open.delete(event.id)) {
      const finished = event.outcome !== 'unknown';
      yield { t: event.t, finished, openRequests: open.size };
    } else if (event.kind === 'progress' && event.progress) {
      const { rows } = event.progress;
      const settled = (rows.indexed ?? 0) + (rows.failed ?? 0);
      const unfinishedRows = (rows.pending ?? 0) + (rows.processing ?? 0);
      // Any change counts: a deletion lowers the count of what is indexed.
      yield { t: event.t, finished: indexed >= 0 && settled !== indexed, unfinishedRows };
      indexed = settled;
    }
  }
}

export function progress(): Check {
  return {
    name: 'progress',
    certain: true,
    judge(history) {
      const limitMs = requestLimitMs(history);
      const longest = standstills(history).at(-1);
      const flatMs = longest?.trustedMs ?? 0;
      const base = {
        check: 'progress' as const,
        phase: longest ? phaseAt(history, longest.fromMs) : null,
        measured: inMs(flatMs),
        limit: inMs(limitMs),
      };
      if (longest && flatMs > limitMs) {
        const atModel = inFlightAtModel(history, longest.toMs);
        const model = atModel === 0 ? 'the model is idle' : `${atModel} requests are at the model`;
        return {
          ...base,
          verdict: 'fail',
          message: `nothing was finished for ${formatMs(flatMs)} while ${longest.unfinishedRows} accepted rows and ${longest.openRequests} uploads waited; ${model}`,
        };
      }
      if (history.complete && longest && longest.toMs - longest.fromMs > limitMs) {
        const message = `nothing moved for ${formatMs(longest.toMs - longest.fromMs)}, but the machine was too slow to hold it against the target`;
        return { ...base, verdict: 'inconclusive', message };
      }
      const told = history.of('progress').some((event) => event.progress !== null);
      if (history.complete && !told) {
        return { ...base, verdict: 'inconclusive', message: 'the target never told its progress' };
      }
      return {
        ...base,
        verdict: 'pass',
        message: `accepted work kept moving, the longest standstill was ${formatMs(flatMs)}`,
        suspect: longest !== undefined && longest.toMs === history.untilMs && flatMs > limitMs / 3,
      };
    },
  };
}

/** Requests that the model had received and not ended at instant `t`. */
export function inFlightAtModel(history: History, t: number): number {
  const open = new Set<number>();
  for (const { id, t: at } of history.of('model-start')) if (at <= t) open.add(id);
  for (const { id, t: at } of history.of('model-end')) if (at <= t) open.delete(id);
  return open.size;
}
