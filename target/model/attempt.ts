/** One attempt at a model call: sent, timed, read to the end, and its connection released. */
import { messageOf } from '../../harness/platform/errors.ts';
import type { Patience } from '../lanes.ts';
import type { Scope } from '../scope.ts';
import type { AnswerReader } from './answer.ts';
import { ModelFailure, type ModelFailureKind, type ModelLink } from './failure.ts';
import type { Answer, Transport } from './transport.ts';

export interface Question<T> {
  link: ModelLink;
  path: string;
  body: unknown;
  reader(): AnswerReader<T>;
  /**
   * Passes on what the reader has collected; called after each piece read from the connection. When
   * it returns a promise, reading stops until that has settled.
   */
  passOn?(): Promise<void> | void;
  /** Whether part of an answer has been passed on already: then there is no further attempt. */
  begun?(): boolean;
}

export type Attempt = <T>(question: Question<T>, patience: Patience, scope: Scope) => Promise<T>;

export function attemptWith(transport: Transport): Attempt {
  return async (question, patience, scope) => {
    const { link } = question;
    using timers = startTimers(link, patience);
    const signal = AbortSignal.any([timers.signal, scope.signal]);
    let answer: Answer;
    try {
      answer = await transport.post(link, question.path, question.body, signal);
    } catch (error) {
      throw explain(link, error, timers.signal, scope.signal);
    }
    const reader = question.reader();
    try {
      if (answer.status !== 200) throw await refusalOf(link, answer);
      for await (const bytes of answer.body) {
        if (reader.take(bytes)) timers.moved();
        else timers.heard();
        const passedOn = question.passOn?.();
        if (passedOn) await passedOn;
      }
      return reader.finish();
    } catch (error) {
      if (reader.complete && timers.signal.aborted) return reader.finish();
      throw explain(link, error, timers.signal, scope.signal);
    } finally {
      answer.body.destroy();
    }
  };
}

function startTimers(link: ModelLink, patience: Patience) {
  const { attemptMs, firstByteMs, idleMs } = patience;
  const limit = new AbortController();
  const after = (ms: number, kind: ModelFailureKind, said: string): NodeJS.Timeout | undefined =>
    Number.isFinite(ms)
      ? setTimeout(() => limit.abort(new ModelFailure(link, kind, `${said} ${ms} ms`)), ms)
      : undefined;
  const deadline = after(attemptMs, 'deadline', 'no whole answer within');
  const firstByte = after(firstByteMs, 'deadline', 'no answer within');
  let idle: NodeJS.Timeout | undefined;
  const arm = () => {
    clearTimeout(firstByte);
    clearTimeout(idle);
    idle = after(idleMs, 'silent', 'silent in mid-answer for');
  };
  return {
    signal: limit.signal,
    /** The answer made progress: only this renews the idle period. */
    moved: arm,
    /** Bytes without content: they start the first idle period, but do not renew it. */
    heard() {
      if (idle === undefined) arm();
    },
    [Symbol.dispose]() {
      clearTimeout(deadline);
      clearTimeout(firstByte);
      clearTimeout(idle);
    },
  };
}

/** Names the failure: our own limits first, then the caller's scope, then the connection. */
function explain(
  link: ModelLink,
  error: unknown,
  limits: AbortSignal,
  scope: AbortSignal,
): unknown {
  if (error instanceof ModelFailure) return error;
  if (limits.aborted) return limits.reason;
  if (scope.aborted) return scope.reason;
  const code = (error as { code?: string }).code;
  const text = `${messageOf(error)}${code ? ` (${code})` : ''}`;
  return new ModelFailure(link, 'connection', `the connection failed: ${text}`, { cause: error });
}

const ERROR_BODY_BYTES = 4096;

async function refusalOf(link: ModelLink, answer: Answer): Promise<ModelFailure> {
  let text = '';
  for await (const bytes of answer.body) {
    if (text.length < ERROR_BODY_BYTES) text += Buffer.from(bytes).toString('utf8');
  }
  return new ModelFailure(link, 'status', `HTTP ${answer.status}: ${text.slice(0, 200)}`, {
    status: answer.status,
    retryAfterMs: retryAfterMs(answer.headers['retry-after']),
  });
}

/** Retry-After in milliseconds: seconds or an HTTP date (RFC 9110, 10.2.3); null when absent. */
export function retryAfterMs(header: string | string[] | undefined): number | null {
  const value = Array.isArray(header) ? header[0] : header;
  if (value === undefined) return null;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}
