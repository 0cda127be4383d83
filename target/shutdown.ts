/** The end of a server within its grace: open streams and all. */
import type { Parts } from './parts.ts';

export interface Shutdown {
  /** From the first signal on, the process is ended after this long, whatever still goes on. */
  readonly limitMs: number;
  /** Takes no new work, ends what is under way, closes the state. */
  run(): Promise<void>;
}

/** Shares of the grace: work under way may end; then it is ended; then it is left behind. */
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
      log.warn({ event: 'shutdown-forced', reason: 'requests did not end when they were told to' });
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
