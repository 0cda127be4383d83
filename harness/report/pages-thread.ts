/** Writes pages in a thread of its own: another run may be going on, whose requests must not be delayed. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../platform/errors.ts';
import { exportRun } from './otlp/export-run.ts';
import type { PagesOrder } from './pages-in-thread.ts';
import { writeRunPages, writeSuitePage } from './write-pages.ts';

const order = workerData as PagesOrder;

// That the making of the script is experimental says nothing to whoever runs hanglab.
process.removeAllListeners('warning');

try {
  if (order.kind === 'run') await writeRunPages(order.folder);
  else if (order.kind === 'suite') await writeSuitePage(order.out, order.parts, order.notes);
  else await exportRun(order.folder, order.endpoint);
  parentPort?.postMessage({ error: null });
} catch (error) {
  parentPort?.postMessage({ error: messageOf(error) });
}
