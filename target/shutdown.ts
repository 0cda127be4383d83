/** Shutdown within the grace period, with open streams too. */
import type { Parts } from './parts.ts';

export interface Shutdown {
  /** How long after the first signal the process is ended, whatever is still in progress. */
  readonly limitMs: number;
  /** Accepts no new work, ends work in progress, closes the state. */
  run(): Promise<void>;
}

/** Shares of the grace period: work may finish; then it is cancelled; then it is abandoned. */
const PATIENCE_SHARE = 0.3;
const LAST_SHARE = 0.6;

export function withinGrace(parts: Parts): Shutdown {
  const { config } = parts;
  return { limitMs: config.graceMs, run: () => shutDown(parts) };
}

async function shutDown(parts: Parts): Promise<void> {
  const { app, cascade, scopes, writer, config, log } = parts;
  const after = (share: number, what: () => void) => setTimeout(what, config.graceMs * share);
  const given = Promise.withResolvers<void>();
  const timers = [
    after(PATIENCE_SHARE, scopes.endAll),
    after(LAST_SHARE, () => {
      log.warn({
        event: 'shutdown-forced',
        reason: 'requests did not end when they were cancelled',
      });
      app.server.closeAllConnections();
      given.resolve();
    }),
  ];
  parts.tasks.stop();
  parts.compression.stop();
  parts.eventClients.close();
  const ended = Promise.all([app.close(), cascade.stop(config.graceMs * PATIENCE_SHARE)]);
  await Promise.race([ended.then(writer.drained), given.promise]);
  for (const timer of timers) clearTimeout(timer);
  parts.broadcast.stop();
  await parts.workers[Symbol.asyncDispose]();
  await parts.transport[Symbol.asyncDispose]();
  parts.table[Symbol.dispose]();
  await parts.database[Symbol.asyncDispose]();
}
