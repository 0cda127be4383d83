/** Logs a failed model call: one short line, whatever the document's size. */
import type { FastifyBaseLogger } from 'fastify';
import { messageOf } from '../../harness/platform/errors.ts';
import { ModelFailure } from '../model/failure.ts';

export type FailureReport = (
  error: unknown,
  during: { id: string; title: string; text: string },
) => void;

export function oneLineReport(log: FastifyBaseLogger): FailureReport {
  return (error, { id }) => {
    const kind = error instanceof ModelFailure ? error.kind : 'other';
    log.warn({ event: 'upload-failed', documentId: id, kind, reason: messageOf(error) });
  };
}
