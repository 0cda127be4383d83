/** One shape for every error that a client sees: `{ "error": { "code", "message" } }`. */
import type { FastifyError, FastifyReply } from 'fastify';
import { ModelFailure } from '../model/failure.ts';
import { Refusal } from '../refusal.ts';

export interface ErrorAnswer {
  status: number;
  code: string;
  message: string;
  /** Seconds after which a retry makes sense; null when unknown. */
  retryAfterS: number | null;
}

export function sendError(error: Error, reply: FastifyReply): void {
  const { status, code, message, retryAfterS } = describeError(error);
  if (code in OWN_WORDS) reply.log.error({ event: code, err: error });
  if (retryAfterS !== null) reply.header('retry-after', String(retryAfterS));
  reply.code(status).send({ error: { code, message } });
}

/** What a client sees of `error`: no internals. */
export function describeError(error: unknown): ErrorAnswer {
  const found = classify(error);
  return { ...found, message: OWN_WORDS[found.code] ?? (error as Error).message };
}

/** Used where the error's own message could reveal internals. */
const OWN_WORDS: Record<string, string> = {
  internal: 'the server failed; its log says why',
  'out-of-resources': 'the server has no file descriptors or disk space left',
};

/** Descriptors or disk space are used up: a retry may succeed. */
const EXHAUSTED = new Set(['EMFILE', 'ENFILE', 'ENOSPC']);

function classify(error: unknown): Omit<ErrorAnswer, 'message'> {
  if (error instanceof Refusal) return error;
  if (error instanceof ModelFailure) {
    const tooLate = error.kind === 'deadline' || error.kind === 'silent';
    return { status: tooLate ? 504 : 502, code: `model-${error.kind}`, retryAfterS: null };
  }
  const { statusCode, code } = error as FastifyError;
  if (EXHAUSTED.has(code)) return { status: 503, code: 'out-of-resources', retryAfterS: 1 };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return { status: statusCode, code: codeOfFramework(code), retryAfterS: null };
  }
  if (statusCode === 503) return { status: 503, code: 'shutting-down', retryAfterS: 1 };
  return { status: 500, code: 'internal', retryAfterS: null };
}

/** `FST_ERR_CTP_INVALID_MEDIA_TYPE` -> `invalid-media-type`. */
function codeOfFramework(code: string | undefined): string {
  return (code ?? 'bad-request')
    .replace(/^FST_(ERR_)?(CTP_)?/, '')
    .toLowerCase()
    .replaceAll('_', '-');
}
