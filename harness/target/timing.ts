/** Durations of scenarios that may follow the limits of the target. */
import { z } from 'zod';
import type { Limits } from '../history/events.ts';
import { type Duration, toMs } from '../platform/duration.ts';
import { messageOf } from '../platform/errors.ts';

/** `250ms`, `2s`, milliseconds, or a part of a limit: `({ requestMs }) => requestMs / 4`. */
export type Timing = Duration | ((limits: Limits) => Duration);

/** Limits by which timings are tried when a scenario is declared. */
export const SAMPLE_LIMITS: Limits = {
  requestMs: 1000,
  firstByteMs: 500,
  idleMs: 200,
  shutdownMs: 1000,
};

/** @throws HanglabError `bad-duration` */
export function timingMs(timing: Timing, limits: Limits): number {
  return toMs(typeof timing === 'function' ? timing(limits) : timing);
}

/** The shape of such an option. */
export const timing = z.custom<Timing>().superRefine((value, context) => {
  try {
    timingMs(value, SAMPLE_LIMITS);
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) });
  }
});
