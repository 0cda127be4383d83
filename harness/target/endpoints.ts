/** Where a target is reached, and the endpoints that are asked for its own state: health and readiness. */

export interface Address {
  host: string;
  port: number;
}

export interface HttpProbe {
  /** Below the target's root: `/health`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The statuses of a good answer. */
  readonly good: readonly number[];
}
