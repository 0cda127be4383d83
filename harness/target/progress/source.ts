/** Where a target tells how much of its accepted work is open, done, and given up. */
import type { Progress } from '../../history/events.ts';
import type { Address } from '../endpoints.ts';

/** What of a running target may be asked. */
export interface ProgressSubject extends Address {
  /** Its folder of this run, `${tmp}`; null where hanglab gave it none. */
  readonly folder: string | null;
  /** What it prints goes here; null of a process that hanglab did not start. */
  readonly logFile: string | null;
}

export interface ProgressSource {
  /** What it is read from, for a person: `GET /documents`. */
  readonly name: string;
  /**
   * Reads it once, straight from the target and never through a link.
   * @returns null when the target does not tell: no news is not progress.
   */
  read(target: ProgressSubject, signal: AbortSignal): Promise<Progress | null>;
}

/** How many are open, done and given up, each of them told in the way `T`. */
export interface Counted<T> {
  open: T;
  done: T;
  givenUp?: T;
}

/** All three, read one after another; null as soon as one is not told. */
export async function progressOf<T>(
  { open, done, givenUp }: Counted<T>,
  count: (of: T) => Promise<number | null> | number | null,
): Promise<Progress | null> {
  const counts = [await count(open), await count(done)];
  counts.push(givenUp === undefined ? 0 : await count(givenUp));
  const [openCount, doneCount, givenUpCount] = counts.map((each) =>
    typeof each === 'number' && Number.isFinite(each) ? each : null,
  );
  if (openCount == null || doneCount == null || givenUpCount == null) return null;
  return { open: openCount, done: doneCount, givenUp: givenUpCount };
}

/** The answer to a GET of the target; null unless it is a good one. */
export async function textAt(
  { host, port }: Address,
  path: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string | null> {
  const answer = await fetch(`http://${host}:${port}${path}`, { headers, signal });
  const text = await answer.text();
  return answer.ok ? text : null;
}
