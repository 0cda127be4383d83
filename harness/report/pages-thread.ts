/** Writes pages in a thread of its own: another run may be going on, whose requests must not be delayed. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../platform/errors.ts';
import type { PagesOrder } from './pages-in-thread.ts';
import { writeRunPages, writeSuitePage } from './write-pages.ts';

const order = workerData as PagesOrder;

// Of this thread only: whatever else runs comes first.
try {
  setPriority(constants.priority.PRIORITY_LOW);
} catch {
  // Then it has the priority of all.
}
// That the making of the script is experimental says nothing to whoever runs hanglab.
process.removeAllListeners('warning');

try {
  if (order.kind === 'run') await writeRunPages(order.folder);
  else await writeSuitePage(order.out, order.parts);
  parentPort?.postMessage({ error: null });
} catch (error) {
  parentPort?.postMessage({ error: messageOf(error) });
}
