/** The life of one server: recovery, listening, and an end within the grace. */
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose } from './compose.ts';
import { ensureFolder } from './config/folder.ts';
import type { Config } from './config/schema.ts';
import { type Defect, withDefect } from './defects/defect.ts';
import { healthy } from './healthy.ts';
import { documentRoutes } from './http/document-routes.ts';
import { operationRoutes } from './http/operation-routes.ts';
import { searchRoutes } from './http/search-routes.ts';
import type { Parts } from './parts.ts';

export interface Server extends AsyncDisposable {
  readonly url: string;
  /** The folder of its state. */
  readonly data: string;
}

/**
 * Starts a server with `config`. Resolves when it accepts requests; disposing shuts it down: work
 * under way may end, then state is closed.
 */
export async function startServer(config: Config, defect: Defect | null = null): Promise<Server> {
  const temporary = config.data === undefined;
  const data = config.data ?? (await mkdtemp(join(tmpdir(), 'hanglab-target-')));
  await ensureFolder(data);
  const parts = compose({ ...config, data }, withDefect(healthy, defect));

  // As a plugin of their own they are added after the one that describes them.
  parts.app.register(async (routes) => {
    documentRoutes(routes, parts);
    searchRoutes(routes, parts);
    operationRoutes(routes, parts);
  });
  await recover(parts);
  await parts.app.listen({ host: '127.0.0.1', port: config.port });
  // Accepting can fail (no descriptors left) and succeed again later: no reason to end.
  parts.app.server.on('error', (err) => parts.log.error({ event: 'accept-failed', err }));
  parts.cascade.start();

  const { port } = parts.app.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    data,
    async [Symbol.asyncDispose]() {
      await shutDown(parts);
      if (temporary) await rm(data, { recursive: true, force: true });
    },
  };
}

/** What the process before may have left unfinished. */
async function recover(parts: Parts): Promise<void> {
  const { claims, documents, deletion, markdown, log } = parts;
  const rows = claims.takeBackAbandoned('at-start');
  if (rows > 0) log.info({ event: 'claims-taken-back', rows });
  await parts.table.open();
  await deletion.resume();
  await markdown.sweep((id) => documents.get(id) !== null);
}

/** Shares of the grace: work under way may end; then it is called off; then it is left alone. */
const PATIENCE_SHARE = 0.3;
const LAST_SHARE = 0.6;

async function shutDown(parts: Parts): Promise<void> {
  const { app, cascade, scopes, writer, config, log } = parts;
  const after = (share: number, what: () => void) => setTimeout(what, config.graceMs * share);
  const given = Promise.withResolvers<void>();
  const timers = [
    after(PATIENCE_SHARE, scopes.endAll),
    after(LAST_SHARE, () => {
      log.warn({ event: 'shutdown-forced', connections: 'requests did not end when called off' });
      app.server.closeAllConnections();
      given.resolve();
    }),
  ];
  const ended = Promise.all([app.close(), cascade.stop(config.graceMs * PATIENCE_SHARE)]);
  await Promise.race([ended.then(writer.drained), given.promise]);
  for (const timer of timers) clearTimeout(timer);
  await parts.transport[Symbol.asyncDispose]();
  parts.table[Symbol.dispose]();
  await parts.database[Symbol.asyncDispose]();
}
