/** What a watch is asked for, and what it tells while it goes on. */
import type { Alarm } from './alarms/alarm.ts';
import type { Wanted } from './find-process.ts';
import type { Incident } from './incident/incident.ts';
import type { ReportOptions } from './incident/report.ts';
import type { Sample } from './samples/sample.ts';

export interface WatchSettings {
  wanted: Wanted;
  healthUrl: string | null;
  healthLimitMs: number;
  /** How old a request may become; null: not judged. */
  requestLimitMs: number | null;
  acceptLimitMs: number;
  unreadLimitMs: number;
  /** Growth is judged over twelve of them. */
  windowMs: number;
  /** Between two diagnoses. */
  apartMs: number;
  /** Ends the watch; null: it goes on until it is interrupted. */
  forMs: number | null;
  report: ReportOptions;
  command: string | null;
  webhook: string | null;
  /** What `diagnose` may do besides. */
  heap: boolean;
  inject: boolean;
}

/** What happens, in order. */
export type WatchEvent =
  | { kind: 'begun'; pid: number }
  | { kind: 'sample'; sample: Sample; alarms: readonly Alarm[] }
  /** An alarm has been raised; a report follows, at once or when its time has come. */
  | { kind: 'alarm'; alarm: Alarm }
  | { kind: 'looking'; pid: number }
  | { kind: 'incident'; incident: Incident }
  | { kind: 'over'; alarm: Alarm; lastedMs: number }
  /** Nobody is there now; a watch of a port waits for the next. */
  | { kind: 'ended'; pid: number }
  | { kind: 'trouble'; text: string };
