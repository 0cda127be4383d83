/** What every probe is: it reads, never acts, and reports event bodies with the instant they hold for. */
import type { EventBody } from '../history/events.ts';

export interface ProbeReport {
  /** Of the machine's monotonic clock (see clock.ts). */
  atMs: number;
  body: EventBody;
}

export interface Probe {
  name: string;
  everyMs: number;
  /** Must end within its own bound; null when there is nothing to say. */
  sample(): Promise<EventBody | null> | EventBody | null;
}
