/** The TCP services that a target calls. Each gets a link, so that a fault can be injected on the way to it. */

/** What a scripted model answers: faults for chat and for embeddings are addressed by it. */
export const MODEL_ROLES = ['chat', 'embeddings'] as const;
export type ModelRole = (typeof MODEL_ROLES)[number];

/** The scripted model stands in for it. */
export interface ModelUpstream {
  readonly kind: 'model';
  /** What the target asks of it. */
  readonly roles: readonly ModelRole[];
}

/** A service of its own, which hanglab may start too. */
export interface ServiceUpstream {
  readonly kind: 'service';
  readonly host: string;
  readonly port: number;
  /** Starts it on this port; null when it is there already. */
  readonly start: readonly string[] | null;
  /** It speaks plain HTTP: hanglab may answer in its place. */
  readonly http: boolean;
}

export type Upstream = ModelUpstream | ServiceUpstream;

/** The names of the upstreams with a role. */
export function upstreamsFor(
  upstreams: Readonly<Record<string, Upstream>>,
  role: ModelRole,
): string[] {
  return Object.entries(upstreams).flatMap(([name, upstream]) =>
    upstream.kind === 'model' && upstream.roles.includes(role) ? name : [],
  );
}
