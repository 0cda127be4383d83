/** A refusal: a status, a stable code, and a reason that a client can act on. */

/** The part of an error that clients see. */
export interface ErrorDetail {
  code: string;
  message: string;
}

export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  /** Seconds after which a retry makes sense; sent as Retry-After. */
  readonly retryAfterS: number | null;

  constructor(status: number, code: string, message: string, retryAfterS: number | null = null) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
    this.retryAfterS = retryAfterS;
  }
}

export const badRequest = (code: string, message: string): Refusal =>
  new Refusal(400, code, message);

export const overloaded = (code: string, message: string, retryAfterS = 1): Refusal =>
  new Refusal(503, code, message, retryAfterS);
