/** The parts of the server, by name. A defect replaces factories of some of them, and nothing else. */
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { AfterFailure } from './cascade/after-failure.ts';
import type { Cascade } from './cascade/cascade.ts';
import type { Claims } from './cascade/claims.ts';
import type { Indexer } from './cascade/indexer.ts';
import type { Config } from './config/schema.ts';
import type { Database } from './documents/database.ts';
import type { Deletion } from './documents/deletion.ts';
import type { Documents } from './documents/documents.ts';
import type { Markdown } from './documents/markdown.ts';
import type { RequestScopes } from './http/request-scope.ts';
import type { ReadUpload } from './http/upload.ts';
import type { Deadlines, Lane } from './lanes.ts';
import type { Attempt } from './model/attempt.ts';
import type { Model } from './model/model.ts';
import type { Ask } from './model/retries.ts';
import type { Transport } from './model/transport.ts';
import type { ModelWatch } from './model/watch.ts';
import type { Health } from './operation/health.ts';
import type { Metrics } from './operation/metrics.ts';
import type { Readiness } from './operation/readiness.ts';
import type { Permits } from './permits.ts';
import type { Search } from './search.ts';
import type { Admission } from './uploads/admission.ts';
import type { FailureReport } from './uploads/failure-report.ts';
import type { Ingest } from './uploads/ingest.ts';
import type { TokenEstimate } from './uploads/token-estimate.ts';
import type { Fence } from './vectors/fence.ts';
import type { VectorTable } from './vectors/table.ts';
import type { Writer } from './vectors/writer.ts';

export interface Parts {
  readonly config: Config;
  readonly app: FastifyInstance;
  readonly log: FastifyBaseLogger;

  readonly deadlines: Deadlines;
  /** Permits for model work of uploads. */
  readonly engine: Permits;
  /** Permits for the embeddings of queries: searches do not queue behind uploads. */
  readonly searchPermits: Permits;
  /** Permits for model work in the background. */
  readonly budget: Permits;
  readonly requestLane: Lane;
  readonly searchLane: Lane;
  readonly backgroundLane: Lane;

  readonly transport: Transport;
  readonly watch: ModelWatch;
  readonly attempt: Attempt;
  readonly ask: Ask;
  readonly model: Model;

  readonly database: Database;
  readonly markdown: Markdown;
  readonly documents: Documents;
  readonly deletion: Deletion;

  readonly table: VectorTable;
  readonly fence: Fence;
  readonly writer: Writer;

  readonly claims: Claims;
  readonly afterFailure: AfterFailure;
  readonly indexer: Indexer;
  readonly cascade: Cascade;

  readonly admission: Admission;
  readonly estimate: TokenEstimate;
  readonly failureReport: FailureReport;
  readonly ingest: Ingest;
  readonly search: Search;
  readonly health: Health;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly readUpload: ReadUpload;
  readonly scopes: RequestScopes;
}

/** Builds one part out of the others; whatever it uses is built first. */
export type Factories = {
  readonly [Name in keyof Omit<Parts, 'config'>]: (parts: Parts) => Parts[Name];
};
