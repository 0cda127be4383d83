/** Metrics for Prometheus. Gauges are computed when they are scraped. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Documents } from '../documents/documents.ts';
import { STATES } from '../documents/states.ts';
import type { EventClients } from '../events/clients.ts';
import type { ModelWatch } from '../model/watch.ts';
import type { Permits } from '../permits.ts';
import type { Places } from '../places.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { Writer } from '../vectors/writer.ts';
import type { Workers } from '../workers/workers.ts';

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  requestEnded(route: string, status: number, durationMs: number): void;
}

export interface MetricsParts {
  documents: Documents;
  engine: Permits;
  searchPermits: Permits;
  budget: Permits;
  writer: Writer;
  watch: ModelWatch;
  turnPermits: Permits;
  sessionPermits: Permits;
  turnPlaces: Places;
  eventClients: EventClients;
  tasks: Tasks;
  workers: Workers;
}

/** In seconds, around the server's default limits. */
const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10];

export function prometheusMetrics(parts: MetricsParts): Metrics {
  const { documents, engine, searchPermits, budget, writer, watch } = parts;
  const registers = [new Registry()];
  const [registry] = registers as [Registry];

  const gauge = (name: string, help: string, label: string, read: () => Record<string, number>) =>
    new Gauge({
      name: `target_${name}`,
      help,
      labelNames: [label],
      registers,
      collect() {
        for (const [value, count] of Object.entries(read())) this.set({ [label]: value }, count);
      },
    });

  gauge('documents', 'Documents by state', 'state', () => documents.counts().documents);
  gauge('rows', `Rows by state: ${STATES.join(', ')}`, 'state', () => documents.counts().rows);
  const lanes = {
    request: engine,
    search: searchPermits,
    turn: parts.turnPermits,
    session: parts.sessionPermits,
    background: budget,
  };
  const ofLanes = (read: (lane: Permits) => number) => () =>
    Object.fromEntries(Object.entries(lanes).map(([name, lane]) => [name, read(lane)]));
  gauge(
    'permits_in_use',
    'Permits for model calls in use',
    'lane',
    ofLanes((lane) => lane.inUse),
  );
  gauge(
    'permits_waiting',
    'Waiting for a permit',
    'lane',
    ofLanes((lane) => lane.waiting),
  );
  gauge('open', 'Work and connections of clients', 'what', () => ({
    turns: parts.turnPlaces.taken,
    event_clients: parts.eventClients.count,
    tasks: parts.tasks.open().count,
    worker_threads: parts.workers.state().threads,
  }));
  gauge('model_calls_in_flight', 'Calls in progress', 'link', () => ({
    llm: watch.state('llm').inFlight,
    embeddings: watch.state('embeddings').inFlight,
  }));
  gauge('model_oldest_call_seconds', 'Age of the oldest call in progress', 'link', () => ({
    llm: watch.state('llm').oldestMs / 1000,
    embeddings: watch.state('embeddings').oldestMs / 1000,
  }));
  gauge('writer_jobs', 'Jobs for the vector table', 'place', () => ({
    queued: writer.state().queued,
    under_way: writer.state().currentMs > 0 ? 1 : 0,
  }));

  const modelSeconds = new Histogram({
    name: 'target_model_call_seconds',
    help: 'Attempts at the model',
    labelNames: ['link', 'ok'],
    buckets: BUCKETS_S,
    registers,
  });
  watch.onEnd((link, ok, durationMs) => {
    modelSeconds.observe({ link, ok: String(ok) }, durationMs / 1000);
  });
  const requestSeconds = new Histogram({
    name: 'target_request_seconds',
    help: 'Requests of clients',
    labelNames: ['route'],
    buckets: BUCKETS_S,
    registers,
  });
  const requests = new Counter({
    name: 'target_requests_total',
    help: 'Requests of clients',
    labelNames: ['route', 'status'],
    registers,
  });

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    requestEnded(route, status, durationMs) {
      requestSeconds.observe({ route }, durationMs / 1000);
      requests.inc({ route, status: String(status) });
    },
  };
}
