/** The healthy server: how each part is built from the others. */
import { join } from 'node:path';
import { random } from '../harness/platform/random.ts';
import { putBackWithBackoff } from './cascade/after-failure.ts';
import { cascadeOf } from './cascade/cascade.ts';
import { leasedClaims } from './cascade/claims.ts';
import { indexerOf } from './cascade/indexer.ts';
import { boundedCompression } from './chat/compression.ts';
import { historyOf } from './chat/history.ts';
import { readIncrementally } from './chat/json-pieces.ts';
import { toolsOf } from './chat/tools.ts';
import { turnsOf } from './chat/turns.ts';
import { openDatabase } from './documents/database.ts';
import { fencedDeletion } from './documents/deletion.ts';
import { sqliteDocuments } from './documents/documents.ts';
import { markdownIn } from './documents/markdown.ts';
import { coalescingBroadcast } from './events/broadcast.ts';
import { boundedClients } from './events/clients.ts';
import { incrementalStats } from './events/live-stats.ts';
import { createApp } from './http/app.ts';
import { requestScopes } from './http/request-scope.ts';
import { readInMemory } from './http/upload.ts';
import { deadlinesOf } from './lanes.ts';
import { attemptWith } from './model/attempt.ts';
import { modelOf } from './model/model.ts';
import { completeReplies } from './model/reply.ts';
import { askWithRetries } from './model/retries.ts';
import { undiciTransport } from './model/transport.ts';
import { modelWatch } from './model/watch.ts';
import { touchingNothing } from './operation/health.ts';
import { prometheusMetrics } from './operation/metrics.ts';
import { readinessOf } from './operation/readiness.ts';
import type { Factories, Parts } from './parts.ts';
import { permits } from './permits.ts';
import { places } from './places.ts';
import { overloaded } from './refusal.ts';
import { searchOf } from './search.ts';
import { cachedContents } from './sessions/contents.ts';
import { orderByKey } from './sessions/order.ts';
import { sessionFilesIn } from './sessions/session-files.ts';
import { sessionsOf } from './sessions/sessions.ts';
import { cachedSummaries } from './sessions/summaries.ts';
import { withinGrace } from './shutdown.ts';
import { dispatcherOf } from './tasks/dispatcher.ts';
import { recordEveryEnd } from './tasks/ending.ts';
import { handlersOf } from './tasks/handlers.ts';
import { tasksOf } from './tasks/tasks.ts';
import { boundedAdmission } from './uploads/admission.ts';
import { oneLineReport } from './uploads/failure-report.ts';
import { ingestOf } from './uploads/ingest.ts';
import { quarterOfCharacters } from './uploads/token-estimate.ts';
import { fenceOf } from './vectors/fence.ts';
import { lanceTable } from './vectors/table.ts';
import { writerOf } from './vectors/writer.ts';
import { workerPool } from './workers/workers.ts';

/** The folder that holds all state. */
export const dataFolder = (parts: Parts): string => parts.config.data as string;

export const healthy: Factories = {
  app: ({ config }) => createApp(config),
  log: ({ app }) => app.log,

  deadlines: ({ config }) => deadlinesOf(config),
  engine: ({ config }) => permits(config.permits),
  searchPermits: ({ config }) => permits(config.searchPermits),
  turnPermits: ({ config }) => permits(config.turnPermits),
  sessionPermits: ({ config }) => permits(config.sessionPermits),
  budget: ({ config }) => permits(config.cascadeSlots),
  requestLane: ({ config, engine, deadlines }) => ({
    name: 'request',
    permits: engine,
    patience: deadlines.request,
    declaredMs: config.attemptMs,
    attempts: config.attempts,
  }),
  searchLane: ({ searchPermits, config, deadlines }) => ({
    name: 'search',
    permits: searchPermits,
    patience: deadlines.request,
    declaredMs: config.attemptMs,
    attempts: config.attempts,
  }),
  turnLane: ({ config, turnPermits, deadlines }) => ({
    name: 'turn',
    permits: turnPermits,
    patience: deadlines.turn,
    declaredMs: config.turnMs,
    attempts: config.attempts,
  }),
  sessionLane: ({ config, sessionPermits, deadlines }) => ({
    name: 'session',
    permits: sessionPermits,
    patience: deadlines.background,
    declaredMs: config.attemptMs,
    attempts: 1,
  }),
  backgroundLane: ({ config, budget, deadlines }) => ({
    name: 'background',
    permits: budget,
    patience: deadlines.background,
    declaredMs: config.attemptMs,
    attempts: 1,
  }),

  transport: ({ config }) => undiciTransport(config),
  watch: () => modelWatch(),
  attempt: ({ transport }) => attemptWith(transport),
  ask: ({ config, attempt, watch }) =>
    askWithRetries({
      attempt,
      watch,
      backoffMs: config.backoffMs,
      random: random(config.seed).fork('back-off'),
    }),
  replyReader: ({ config }) => completeReplies(config.answerCharacters),
  model: ({ config, ask, replyReader }) => modelOf(config, ask, replyReader),

  database: (parts) => openDatabase(dataFolder(parts)),
  markdown: (parts) => markdownIn(join(dataFolder(parts), 'markdown')),
  documents: ({ database, markdown }) => sqliteDocuments(database, markdown),
  deletion: ({ database, writer, markdown }) => fencedDeletion({ database, writer, markdown }),

  table: (parts) => lanceTable(join(dataFolder(parts), 'vectors'), parts.config.dimensions),
  fence: ({ claims }) => fenceOf(claims),
  writer: ({ config, table, fence, log }) =>
    writerOf({
      table,
      fence,
      writeMs: config.writeMs,
      compactEveryWrites: config.compactEveryWrites,
      onCompactionError: (err) => log.warn({ event: 'compaction-failed', err }),
    }),

  claims: ({ config, database }) => leasedClaims(database, config.leaseMs),
  afterFailure: ({ config }) => putBackWithBackoff(config),
  indexer: ({ model, backgroundLane, writer }) =>
    indexerOf({ model, lane: backgroundLane, writer }),
  cascade: ({ config, claims, indexer, afterFailure, log }) =>
    cascadeOf({
      claims,
      indexer,
      afterFailure,
      log,
      slots: config.cascadeSlots,
      leaseMs: config.leaseMs,
    }),

  admission: ({ config, claims }) => boundedAdmission(config, claims),
  estimate: () => quarterOfCharacters,
  failureReport: ({ log }) => oneLineReport(log),
  ingest: ({ model, requestLane, documents, cascade, estimate, failureReport }) =>
    ingestOf({ model, lane: requestLane, documents, cascade, estimate, report: failureReport }),
  search: ({ model, searchLane, table, documents }) =>
    searchOf({ model, lane: searchLane, table, documents }),

  sessionFiles: (parts) => sessionFilesIn(join(dataFolder(parts), 'sessions')),
  readSession: ({ sessionFiles }) => cachedContents(sessionFiles),
  summaries: ({ sessionFiles }) => cachedSummaries(sessionFiles),
  sessions: ({ sessionFiles: files, readSession: read, summaries }) =>
    sessionsOf({ files, read, summaries }),
  turnOrder: () => orderByKey(),
  taskOrder: () => orderByKey(),

  tools: ({ sessions, search }) => toolsOf({ sessions, search }),
  readPieces: () => readIncrementally,
  compression: ({ config, model, sessionLane: lane, sessions, log }) =>
    boundedCompression({ model, lane, sessions, log, waitMs: config.compressionMs }),
  history: ({ config, sessions, compression }) =>
    historyOf({ sessions, compression, tokens: config.historyTokens }),
  turnPlaces: ({ config }) =>
    places(config.turnsAtOnce, (limit) =>
      overloaded('too-many-turns', `${limit} turns are already in progress`),
    ),
  turns: (parts) =>
    turnsOf({
      sessions: parts.sessions,
      order: parts.turnOrder,
      history: parts.history,
      model: parts.model,
      lane: parts.turnLane,
      tools: parts.tools,
      toolRounds: parts.config.toolRounds,
      broadcast: parts.broadcast,
      stats: parts.liveStats,
      readPieces: parts.readPieces,
      log: parts.log,
    }),

  liveStats: () => incrementalStats(),
  eventClients: ({ config, log }) => boundedClients(config, log),
  broadcast: ({ config, eventClients: clients, liveStats: stats }) =>
    coalescingBroadcast({ clients, stats, flushMs: config.flushMs }),

  workers: ({ config }) => workerPool(config.workerThreads),
  handlers: ({ sessions, model, sessionLane: lane, workers }) =>
    handlersOf({ sessions, model, lane, workers }),
  dispatcher: ({ config, taskOrder }) => dispatcherOf(taskOrder, config.handlerMs),
  watchTask: () => recordEveryEnd,
  tasks: ({ config, dispatcher, handlers, watchTask: watch, broadcast }) =>
    tasksOf({ dispatcher, handlers, watch, broadcast, limit: config.tasksAtOnce }),

  health: () => touchingNothing,
  readiness: ({ config, claims, writer, watch, tasks }) =>
    readinessOf({ config, claims, writer, watch, tasks }),
  metrics: (parts) => prometheusMetrics(parts),
  readUpload: ({ config }) => readInMemory(config.documentBytes),
  scopes: ({ deadlines }) => requestScopes(deadlines),
  shutdown: (parts) => withinGrace(parts),
};
