/** One upload: topics from the model, then the document made durable. Indexing comes later. */
import { randomBytes } from 'node:crypto';
import type { Cascade } from '../cascade/cascade.ts';
import type { Documents } from '../documents/documents.ts';
import type { Lane } from '../lanes.ts';
import type { Model, Topic } from '../model/model.ts';
import { Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import type { FailureReport } from './failure-report.ts';
import { MAX_DOCUMENT_TOKENS, type TokenEstimate } from './token-estimate.ts';

export interface Upload {
  title: string;
  text: string;
  bytes: number;
}

export interface Accepted {
  id: string;
  /** How many topics the document has. */
  topics: number;
}

/** Resolves when the document is accepted, that is: durable. */
export type Ingest = (upload: Upload, scope: Scope) => Promise<Accepted>;

export interface IngestParts {
  model: Model;
  lane: Lane;
  documents: Documents;
  cascade: Cascade;
  estimate: TokenEstimate;
  report: FailureReport;
}

export function ingestOf(parts: IngestParts): Ingest {
  return async (upload, scope) => {
    const id = newDocumentId();
    const topics = await topicsOf(id, upload, parts, scope);
    await parts.documents.add({ id, title: upload.title, bytes: upload.bytes, topics });
    parts.cascade.wake();
    return { id, topics: topics.length };
  };
}

export function newDocumentId(): string {
  return `d_${randomBytes(6).toString('hex')}`;
}

/** The document's topics. @throws Refusal 413 when it is too long, ModelFailure */
export async function topicsOf(
  id: string,
  { title, text }: Upload,
  { model, lane, estimate, report }: Pick<IngestParts, 'model' | 'lane' | 'estimate' | 'report'>,
  scope: Scope,
): Promise<Topic[]> {
  const tokens = estimate(text);
  if (tokens > MAX_DOCUMENT_TOKENS) {
    throw new Refusal(
      413,
      'too-long',
      `about ${tokens} tokens; the limit is ${MAX_DOCUMENT_TOKENS}`,
    );
  }
  const document = { id, title, text };
  try {
    const topics = await model.topics(document, { lane, scope });
    scope.signal.throwIfAborted();
    return topics;
  } catch (error) {
    report(error, document);
    throw error;
  }
}
