/** What the model has been asked: the requests in flight, and the last that have ended. */
import { monotonicMs } from '../../platform/clock.ts';
import type { ExchangeFacts, Exchanges } from '../delivery/exchange.ts';

/** Enough to see what happened, and bounded: a run may last for days. */
const ENDED_KEPT = 1000;

export interface Journal {
  onEnd(facts: ExchangeFacts): void;
  /** As `GET /_hanglab/requests` answers it. */
  json(exchanges: Pick<Exchanges, 'inFlight'>): object;
}

export function journal(): Journal {
  let ended: ExchangeFacts[] = [];
  let endedCount = 0;
  let bytes = 0;
  return {
    onEnd(facts) {
      endedCount++;
      bytes += facts.bytes;
      ended.push(facts);
      if (ended.length >= 2 * ENDED_KEPT) ended = ended.slice(-ENDED_KEPT);
    },
    json(exchanges) {
      const nowMs = monotonicMs();
      const inFlight = exchanges.inFlight();
      return {
        counts: { inFlight: inFlight.length, ended: endedCount, endedBytes: bytes },
        inFlight: inFlight.map((facts) => entry(facts, nowMs)),
        ended: ended.slice(-ENDED_KEPT).map((facts) => entry(facts, nowMs)),
      };
    },
  };
}

function entry(facts: ExchangeFacts, nowMs: number): object {
  const { asked, startedMs, endedMs, ...rest } = facts;
  return {
    ...rest,
    ...asked,
    agoMs: Math.round(nowMs - startedMs),
    tookMs: Math.round((endedMs ?? nowMs) - startedMs),
  };
}
