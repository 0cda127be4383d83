/** What a watch can find wrong from outside. */
import type { Sample } from '../samples/sample.ts';

export type AlarmKind =
  | 'health-silent'
  | 'health-bad'
  | 'not-accepting'
  | 'not-reading'
  | 'request-too-old'
  | 'only-grows';

export interface Alarm {
  kind: AlarmKind;
  /** What grows; empty for the others. One episode ends when an alarm of this kind and subject is gone. */
  subject: string;
  sentence: string;
  /**
   * Whether to look inside. A server that only grows still works, and a look would disturb it: what grew is told
   * from outside.
   */
  asksForDiagnosis: boolean;
}

/** Hears every sample in order, and says what is wrong at this one. No I/O, no clock of its own. */
export interface Rule {
  hear(sample: Sample): readonly Alarm[];
}
