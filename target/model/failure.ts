/** The ways in which a model call can fail, as far as the caller has to distinguish them. */

export type ModelFailureKind =
  | 'silent' // no piece of the answer for longer than the idle limit
  | 'deadline' // the attempt, or the request it belongs to, ran out of time
  | 'status' // an HTTP status other than 200
  | 'connection' // refused, reset, closed
  | 'truncated' // the answer ended before it was complete
  | 'garbage'; // a whole answer, but not what was asked for

export class ModelFailure extends Error {
  readonly link: ModelLink;
  readonly kind: ModelFailureKind;
  readonly status: number | null;
  /** The model's Retry-After, in milliseconds. */
  readonly retryAfterMs: number | null;

  constructor(
    link: ModelLink,
    kind: ModelFailureKind,
    message: string,
    details: { status?: number; retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ModelFailure';
    this.link = link;
    this.kind = kind;
    this.status = details.status ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
  }

  /** Whether the same call may succeed a moment later. */
  get passing(): boolean {
    if (this.kind !== 'status') return true;
    return this.status === 408 || this.status === 429 || (this.status ?? 0) >= 500;
  }
}

/** The model is reached over two links, which fail independently. */
export type ModelLink = 'llm' | 'embeddings';
