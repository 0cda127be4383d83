/**
 * From alarms at each sample to what is to be done: an alarm that stays is one episode, and is looked into once. Looks
 * are apart from each other by a least time, whatever happens. Pure but for what it remembers.
 */
import type { Alarm } from './alarm.ts';

export interface Episode {
  alarm: Alarm;
  sinceMs: number;
  /** Whether it has been looked into and reported. */
  isReported: boolean;
}

export interface Episodes {
  /** @param alarms all that hold at `nowMs`. */
  hear(
    alarms: readonly Alarm[],
    nowMs: number,
  ): { begun: Episode[]; over: Episode[]; due: Episode[] };
  /** All of them have been reported now. */
  reported(episodes: readonly Episode[], nowMs: number): void;
  current(): readonly Episode[];
}

/** @param apartMs between two reports. */
export function episodesOf(apartMs: number): Episodes {
  const open = new Map<string, Episode>();
  let lastReportMs = Number.NEGATIVE_INFINITY;
  const keyOf = ({ kind, subject }: Alarm): string => `${kind} ${subject}`;
  return {
    hear(alarms, nowMs) {
      const keys = new Set(alarms.map(keyOf));
      const over = [...open].filter(([key]) => !keys.has(key));
      for (const [key] of over) open.delete(key);
      const begun: Episode[] = [];
      for (const alarm of alarms) {
        const known = open.get(keyOf(alarm));
        if (known) {
          known.alarm = alarm;
        } else {
          const episode = { alarm, sinceMs: nowMs, isReported: false };
          open.set(keyOf(alarm), episode);
          begun.push(episode);
        }
      }
      const isAllowed = nowMs - lastReportMs >= apartMs;
      const due = isAllowed ? [...open.values()].filter(({ isReported }) => !isReported) : [];
      return { begun, over: over.map(([, episode]) => episode), due };
    },
    reported(episodes, nowMs) {
      lastReportMs = nowMs;
      for (const episode of episodes) episode.isReported = true;
    },
    current: () => [...open.values()],
  };
}
