/** Endpoints that are asked for the target's own state: health and readiness. */

export interface HttpProbe {
  /** Below the target's root: `/health`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The statuses of a good answer. */
  readonly good: readonly number[];
}
