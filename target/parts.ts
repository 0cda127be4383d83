/** The parts of the server, by name. A defect replaces the factories of some parts, and nothing else. */
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { AfterFailure } from './cascade/after-failure.ts';
import type { Cascade } from './cascade/cascade.ts';
import type { Claims } from './cascade/claims.ts';
import type { Indexer } from './cascade/indexer.ts';
import type { Compression } from './chat/compression.ts';
import type { History } from './chat/history.ts';
import type { ReadPieces } from './chat/json-pieces.ts';
import type { Tools } from './chat/tools.ts';
import type { Turns } from './chat/turns.ts';
import type { Config } from './config/schema.ts';
import type { Database } from './documents/database.ts';
import type { Deletion } from './documents/deletion.ts';
import type { Documents } from './documents/documents.ts';
import type { Markdown } from './documents/markdown.ts';
import type { Broadcast } from './events/broadcast.ts';
import type { EventClients } from './events/clients.ts';
import type { LiveStats } from './events/live-stats.ts';
import type { RequestScopes } from './http/request-scope.ts';
import type { ReadUpload } from './http/upload.ts';
import type { Deadlines, Lane } from './lanes.ts';
import type { Attempt } from './model/attempt.ts';
import type { Model } from './model/model.ts';
import type { ReplyReader } from './model/reply.ts';
import type { Ask } from './model/retries.ts';
import type { Transport } from './model/transport.ts';
import type { ModelWatch } from './model/watch.ts';
import type { Health } from './operation/health.ts';
import type { Metrics } from './operation/metrics.ts';
import type { Readiness } from './operation/readiness.ts';
import type { Permits } from './permits.ts';
import type { Places } from './places.ts';
import type { Search } from './search.ts';
import type { ReadSession } from './sessions/contents.ts';
import type { Order } from './sessions/order.ts';
import type { SessionFiles } from './sessions/session-files.ts';
import type { Sessions } from './sessions/sessions.ts';
import type { Summaries } from './sessions/summaries.ts';
import type { Shutdown } from './shutdown.ts';
import type { Dispatcher } from './tasks/dispatcher.ts';
import type { WatchTask } from './tasks/ending.ts';
import type { Handlers } from './tasks/handlers.ts';
import type { Tasks } from './tasks/tasks.ts';
import type { Admission } from './uploads/admission.ts';
import type { FailureReport } from './uploads/failure-report.ts';
import type { Ingest } from './uploads/ingest.ts';
import type { TokenEstimate } from './uploads/token-estimate.ts';
import type { Fence } from './vectors/fence.ts';
import type { VectorTable } from './vectors/table.ts';
import type { Writer } from './vectors/writer.ts';
import type { Workers } from './workers/workers.ts';

export interface Parts {
  readonly config: Config;
  readonly app: FastifyInstance;
  readonly log: FastifyBaseLogger;

  readonly deadlines: Deadlines;
  /** Permits for model work of uploads. */
  readonly engine: Permits;
  /** Permits for the embeddings of queries: searches do not queue behind uploads. */
  readonly searchPermits: Permits;
  /** Permits for model calls of chat turns. */
  readonly turnPermits: Permits;
  /** Permits for model calls of tasks and compressions. */
  readonly sessionPermits: Permits;
  /** Permits for model work on rows. */
  readonly budget: Permits;
  readonly requestLane: Lane;
  readonly searchLane: Lane;
  readonly turnLane: Lane;
  readonly sessionLane: Lane;
  readonly backgroundLane: Lane;

  readonly transport: Transport;
  readonly watch: ModelWatch;
  readonly attempt: Attempt;
  readonly ask: Ask;
  readonly replyReader: ReplyReader;
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

  readonly sessionFiles: SessionFiles;
  readonly readSession: ReadSession;
  readonly summaries: Summaries;
  readonly sessions: Sessions;
  /** Turns of a session, one after another. */
  readonly turnOrder: Order;
  /** Tasks of a session, one after another. */
  readonly taskOrder: Order;

  readonly tools: Tools;
  readonly readPieces: ReadPieces;
  readonly compression: Compression;
  readonly history: History;
  readonly turnPlaces: Places;
  readonly turns: Turns;

  readonly liveStats: LiveStats;
  readonly eventClients: EventClients;
  readonly broadcast: Broadcast;

  readonly workers: Workers;
  readonly handlers: Handlers;
  readonly dispatcher: Dispatcher;
  readonly watchTask: WatchTask;
  readonly tasks: Tasks;

  readonly health: Health;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly readUpload: ReadUpload;
  readonly scopes: RequestScopes;
  readonly shutdown: Shutdown;
}

/** Builds one part from the others; the parts it uses are built first. */
export type Factories = {
  readonly [Name in keyof Omit<Parts, 'config'>]: (parts: Parts) => Parts[Name];
};
