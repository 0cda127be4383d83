/** What was found and when: `hanglab.watch/1` in the report folder, and what a command or webhook gets. */
import type { Diagnosis } from '../../diagnosis/index.ts';
import type { Alarm } from '../alarms/alarm.ts';

export const WATCH_SCHEMA = 'hanglab.watch/1';

export interface Incident {
  schema: typeof WATCH_SCHEMA;
  /** ISO 8601. */
  at: string;
  pid: number;
  port: number | null;
  /** `ended`: the process has gone. */
  alarms: readonly (Pick<Alarm, 'kind' | 'subject' | 'sentence'> | EndedAlarm)[];
  /** One line for a person: of the diagnosis where there is one. */
  sentence: string;
  /** null where none was taken, and `why` says why. */
  diagnosis: Diagnosis | null;
  why: string | null;
  /** What grew since the watch began, by path, peer and name: of alarms of growth. */
  grew: readonly string[];
  /** The report folder. */
  folder: string;
}

export interface EndedAlarm {
  kind: 'ended';
  subject: string;
  sentence: string;
}
