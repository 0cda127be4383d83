/** A request that a target offers, declared once: how it is sent, what a good answer is, what it promises. */
import type { Limits, OperationKind } from '../../history/events.ts';
import type { HttpAnswer, HttpRequest } from './http-message.ts';
import type { Input } from './input.ts';
import type { StreamSpec } from './stream-spec.ts';

export interface Operation {
  readonly name: string;
  readonly kind: OperationKind;
  /** Limits of its own, where they differ from the target's. */
  readonly limits: Partial<Limits>;
  /** Its body can be made larger, by as many bytes as a load wants. */
  readonly isSized: boolean;
  /** Its path needs the id of earlier work. */
  readonly needsId: boolean;
  /** The request carries the input's own sentence, so that a fault can be for some inputs only. */
  readonly carriesText: boolean;
  request(input: Input): HttpRequest;
  /** Whether a whole answer is as declared, and why not. */
  judge(answer: HttpAnswer, input: Input): Judgement;
  /** How a stream is read and how it ends rightly; null for one whole answer. */
  readonly stream: StreamSpec | null;
  /** What a write promises; null when it promises nothing. */
  readonly promises: Promises | null;
  /** The write whose result this one deletes; null for all others. */
  readonly deletes: string | null;
  /** The write whose id this one takes, where it takes one; null: that of any. */
  readonly idOf: string | null;
}

export interface Judgement {
  ok: boolean;
  /** Why it is not, in a line. */
  detail: string | null;
  /** The id of what was accepted, where the answer has one. */
  receipt: string | null;
}

/** The state of accepted work, as the target tells it. */
export interface WorkState {
  state: 'open' | 'done' | 'failed' | 'absent';
  /** How long a worker has held it; null when none does, or nobody tells. */
  heldMs: number | null;
}

export interface Promises {
  /**
   * Asks for the state of the work; null when the write does not say when it is done. `read` gives null for
   * an answer that says nothing about it, like a 503.
   */
  readonly done: {
    request(input: Input): HttpRequest;
    read(answer: HttpAnswer): WorkState | null;
  } | null;
  /** Looks for it as a client would, and counts how often it comes back; null when there is no way. */
  readonly find: {
    request(input: Input): HttpRequest;
    /** null for an answer that says nothing about it. */
    copies(answer: HttpAnswer, input: Input): number | null;
  } | null;
}
