/** The life of one server: recovery, listening, shutdown. */
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose } from './compose.ts';
import { ensureFolder } from './config/folder.ts';
import type { Config } from './config/schema.ts';
import { type Defect, withDefect } from './defects/defect.ts';
import { acceptEventClients } from './events/upgrade.ts';
import { healthy } from './healthy.ts';
import { chatRoutes } from './http/chat-routes.ts';
import { documentRoutes } from './http/document-routes.ts';
import { eventRoutes } from './http/event-routes.ts';
import { operationRoutes } from './http/operation-routes.ts';
import { searchRoutes } from './http/search-routes.ts';
import { sessionRoutes } from './http/session-routes.ts';
import { taskRoutes } from './http/task-routes.ts';
import type { Parts } from './parts.ts';

export interface Server extends AsyncDisposable {
  readonly url: string;
  /** The folder of its state. */
  readonly data: string;
  /** How long after the first signal the process must have ended. */
  readonly endsWithinMs: number;
}

/**
 * Starts a server with `config`. Resolves when it accepts requests; disposing shuts it down: work
 * in progress may finish, then its state is closed.
 */
export async function startServer(config: Config, defect: Defect | null = null): Promise<Server> {
  const temporary = config.data === undefined;
  const data = config.data ?? (await mkdtemp(join(tmpdir(), 'hanglab-target-')));
  await ensureFolder(data);
  const parts = compose({ ...config, data }, withDefect(healthy, defect));

  // As a plugin they are added after the one that generates the OpenAPI document.
  parts.app.register(async (routes) => {
    documentRoutes(routes, parts);
    searchRoutes(routes, parts);
    sessionRoutes(routes, parts);
    chatRoutes(routes, parts);
    taskRoutes(routes, parts);
    eventRoutes(routes);
    operationRoutes(routes, parts);
  });
  acceptEventClients(parts.app, parts.eventClients, config.eventClients);
  await recover(parts);
  await parts.app.listen({ host: '127.0.0.1', port: config.port });
  // Accepting can fail (no descriptors left) and work again later: no reason to exit.
  parts.app.server.on('error', (err) => parts.log.error({ event: 'accept-failed', err }));
  parts.cascade.start();

  const { port } = parts.app.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    data,
    endsWithinMs: parts.shutdown.limitMs,
    async [Symbol.asyncDispose]() {
      await parts.shutdown.run();
      if (temporary) await rm(data, { recursive: true, force: true });
    },
  };
}

/** Completes what an earlier process may have left unfinished. */
async function recover(parts: Parts): Promise<void> {
  const { claims, documents, deletion, markdown, log } = parts;
  const rows = claims.takeBackAbandoned('at-start');
  if (rows > 0) log.info({ event: 'claims-taken-back', rows });
  await parts.table.open();
  await deletion.resume();
  await markdown.sweep((id) => documents.get(id) !== null);
}
