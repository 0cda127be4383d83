/** Errors a person meets. Each has a stable code, an exit code, and says what was expected. */
import { closest, distance } from 'fastest-levenshtein';

/** The process exit codes of hanglab; `diagnose` has its own three. */
export const EXIT = {
  pass: 0,
  fail: 1,
  inconclusive: 2,
  usage: 3,
  cannotRunHere: 4,
  internal: 5,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * An error with an explanation: shown as one or a few lines, never as a stack trace.
 * `code` is stable and listed in docs/errors.md; `problems` lists every fault found at once.
 */
export class HanglabError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly problems: readonly string[];

  constructor(
    code: string,
    message: string,
    options: { exitCode?: ExitCode; problems?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HanglabError';
    this.code = code;
    this.exitCode = options.exitCode ?? EXIT.usage;
    this.problems = options.problems ?? [];
  }
}

/**
 * ` Did you mean "x"?` when one of `known` is near enough to `given` to be a slip, or the nearest of
 * those that contain it; else ``.
 */
export function didYouMean(given: string, known: readonly string[]): string {
  const written = given.toLowerCase();
  const nearestOf = (names: readonly string[]): string | null =>
    names.length === 0 ? null : closest(written, names);
  const nearest = nearestOf(known);
  const slip =
    nearest !== null &&
    distance(written, nearest.toLowerCase()) <= Math.max(2, Math.ceil(nearest.length / 3));
  const containing = known.filter((name) => written.length >= 3 && name.includes(written));
  const meant = slip ? nearest : nearestOf(containing);
  return meant === null ? '' : ` Did you mean "${meant}"?`;
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
