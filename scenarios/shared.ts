/** What most scenarios have in common: phases that follow the limits, and lists of checks. */
import {
  everyRequestEnds,
  fdsBack,
  health,
  ifOffered,
  nextRequestSucceeds,
  nothingAcknowledgedLost,
  othersProgress,
  progressResumes,
  socketsBack,
  streamProgress,
  threadsBack,
} from '../harness/index.ts';

interface RequestLimit {
  requestMs: number;
}

/** Long enough for a few answers of the health endpoint, and no longer than one request may take. */
const BASELINE_MS = 1_500;

/**
 * Phases in multiples of the time that a request may take. What hangs is certain after one and a half of it; what
 * fails after the heal counts from one on.
 */
export function inLimits(fault: number, recovery = 2.5) {
  return ({ requestMs }: RequestLimit) => ({
    baseline: Math.min(BASELINE_MS, 1.5 * requestMs),
    fault: fault * requestMs,
    recovery: recovery * requestMs,
  });
}

/** Each request ends, each stream goes on, and whoever has nothing to do with the fault notices nothing. */
export const nothingHangs = () => [
  everyRequestEnds(),
  ifOffered(streamProgress()),
  ifOffered(othersProgress()),
  ifOffered(health()),
];

/** As soon as the fault is gone. */
export const allWorksAgain = () => [nextRequestSucceeds(), ifOffered(progressResumes())];

/** When everything has come to rest. */
export const nothingStays = () => [...connectionsGo(), threadsBack()];

/** The same where hundreds of requests were open: threads of a pool that they have filled stay in it. */
export const connectionsGo = () => [ifOffered(nothingAcknowledgedLost()), fdsBack(), socketsBack()];
