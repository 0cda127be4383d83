/**
 * Requests stand still. Three signs, each of which a live server is rid of when its loop turns next:
 * connections that nobody accepts, bytes that nobody reads, and, where a limit was given, requests older than it.
 */
import { formatMs } from '../../platform/duration.ts';
import { plural } from '../../platform/plural.ts';
import type { Connections } from '../samples/sample.ts';
import type { Alarm, Rule } from './alarm.ts';

export interface StandsStillLimits {
  /** How long connections may wait to be accepted, at every look. */
  acceptMs: number;
  /** How long the same number of bytes may lie unread. */
  unreadMs: number;
  /** How old a request may become; null: requests are not judged by age, since only their owner knows. */
  requestMs: number | null;
}

/** Looks may be far apart; what is there at two of them may be there by chance. */
const LEAST_LOOKS = 3;

export function standsStillRule(limits: StandsStillLimits): Rule {
  /** Since when connections wait at a port. */
  let backlog = new Map<number, Since>();
  let unread = new Map<number, Unread>();
  let alarms: readonly Alarm[] = [];
  return {
    hear({ atMs, connections }) {
      // Between two looks at the connections nothing is known to have changed.
      if (connections === null) return alarms;
      backlog = new Map(
        Object.entries(connections.backlog)
          .filter(([, count]) => count > 0)
          .map(([port]) => [Number(port), oneMore(backlog.get(Number(port)), atMs)]),
      );
      unread = new Map(
        connections.unread.map(({ inode, bytes }) => {
          const before = unread.get(inode);
          return [inode, { bytes, ...oneMore(before?.bytes === bytes ? before : undefined, atMs) }];
        }),
      );
      const stuck = [...unread.values()].filter((each) => isStanding(each, atMs, limits.unreadMs));
      alarms = [
        ...[...backlog]
          .filter(([, since]) => isStanding(since, atMs, limits.acceptMs))
          .map(([port, { sinceMs }]) => notAccepting(port, connections, atMs - sinceMs)),
        ...(stuck.length === 0 ? [] : [notReading(stuck, atMs)]),
        ...tooOld(connections, limits.requestMs),
      ];
      return alarms;
    },
  };
}

interface Since {
  sinceMs: number;
  looks: number;
}
type Unread = Since & { bytes: number };

function oneMore(before: Since | undefined, atMs: number): Since {
  return before
    ? { sinceMs: before.sinceMs, looks: before.looks + 1 }
    : { sinceMs: atMs, looks: 1 };
}

function isStanding({ sinceMs, looks }: Since, atMs: number, limitMs: number): boolean {
  return looks >= LEAST_LOOKS && atMs - sinceMs >= limitMs;
}

function notAccepting(port: number, { backlog }: Connections, forMs: number): Alarm {
  return {
    ...{ kind: 'not-accepting', subject: `port ${port}`, asksForDiagnosis: true },
    sentence: `${plural(backlog[port] ?? 0, 'connection')} to port ${port} wait to be accepted, and some have at every look for ${formatMs(forMs)}`,
  };
}

function notReading(stuck: readonly { bytes: number; sinceMs: number }[], atMs: number): Alarm {
  const bytes = stuck.reduce((sum, each) => sum + each.bytes, 0);
  const oldestMs = Math.max(...stuck.map(({ sinceMs }) => atMs - sinceMs));
  return {
    ...{ kind: 'not-reading', subject: '', asksForDiagnosis: true },
    sentence: `the server has left ${plural(bytes, 'byte')} of ${plural(stuck.length, 'client')} unread for ${formatMs(oldestMs)}`,
  };
}

function tooOld({ unanswered }: Connections, requestMs: number | null): Alarm[] {
  if (requestMs === null) return [];
  const old = unanswered.filter(({ ageMs }) => ageMs >= requestMs);
  if (old.length === 0) return [];
  const oldestMs = Math.max(...old.map(({ ageMs }) => ageMs));
  const waits = old.length === 1 ? 'waits' : 'wait';
  return [
    {
      ...{ kind: 'request-too-old', subject: '', asksForDiagnosis: true },
      sentence: `${plural(old.length, 'client')} ${waits} for an answer longer than ${formatMs(requestMs)}, the oldest for ${formatMs(oldestMs)}`,
    },
  ];
}
