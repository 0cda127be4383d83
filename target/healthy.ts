/** The healthy server: which part is built from what. */
import { join } from 'node:path';
import { random } from '../harness/platform/random.ts';
import { putBackWithBackoff } from './cascade/after-failure.ts';
import { cascadeOf } from './cascade/cascade.ts';
import { leasedClaims } from './cascade/claims.ts';
import { indexerOf } from './cascade/indexer.ts';
import { openDatabase } from './documents/database.ts';
import { fencedDeletion } from './documents/deletion.ts';
import { sqliteDocuments } from './documents/documents.ts';
import { markdownIn } from './documents/markdown.ts';
import { createApp } from './http/app.ts';
import { requestScopes } from './http/request-scope.ts';
import { readInMemory } from './http/upload.ts';
import { deadlinesOf } from './lanes.ts';
import { attemptWith } from './model/attempt.ts';
import { modelOf } from './model/model.ts';
import { askWithRetries } from './model/retries.ts';
import { undiciTransport } from './model/transport.ts';
import { modelWatch } from './model/watch.ts';
import { touchingNothing } from './operation/health.ts';
import { prometheusMetrics } from './operation/metrics.ts';
import { readinessOf } from './operation/readiness.ts';
import type { Factories, Parts } from './parts.ts';
import { permits } from './permits.ts';
import { searchOf } from './search.ts';
import { boundedAdmission } from './uploads/admission.ts';
import { oneLineReport } from './uploads/failure-report.ts';
import { ingestOf } from './uploads/ingest.ts';
import { quarterOfCharacters } from './uploads/token-estimate.ts';
import { fenceOf } from './vectors/fence.ts';
import { lanceTable } from './vectors/table.ts';
import { writerOf } from './vectors/writer.ts';

/** The folder of all state. */
export const dataFolder = (parts: Parts): string => parts.config.data as string;

export const healthy: Factories = {
  app: ({ config }) => createApp(config),
  log: ({ app }) => app.log,

  deadlines: ({ config }) => deadlinesOf(config),
  engine: ({ config }) => permits(config.permits),
  searchPermits: ({ config }) => permits(config.searchPermits),
  budget: ({ config }) => permits(config.cascadeSlots),
  requestLane: ({ config, engine, deadlines }) => ({
    name: 'request',
    permits: engine,
    patience: deadlines.request,
    attempts: config.attempts,
  }),
  searchLane: ({ searchPermits, config, deadlines }) => ({
    name: 'search',
    permits: searchPermits,
    patience: deadlines.request,
    attempts: config.attempts,
  }),
  backgroundLane: ({ budget, deadlines }) => ({
    name: 'background',
    permits: budget,
    patience: deadlines.background,
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
  model: ({ config, ask }) => modelOf(config, ask),

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
  health: () => touchingNothing,
  readiness: ({ config, claims, writer, watch }) => readinessOf({ config, claims, writer, watch }),
  metrics: ({ documents, engine, searchPermits, budget, writer, watch }) =>
    prometheusMetrics({ documents, engine, searchPermits, budget, writer, watch }),
  readUpload: ({ config }) => readInMemory(config.documentBytes),
  scopes: ({ deadlines }) => requestScopes(deadlines),
};
