/** Finds the health endpoint of a server in the usual places. */
import type { HttpClient } from '../../operations/http.ts';
import { type Asked, ask, GET } from './ask.ts';

const PATHS = [
  '/health',
  '/healthz',
  '/livez',
  '/ready',
  '/ping',
  '/api/health',
  '/api/v1/health',
  '/actuator/health',
  '/health/live',
  '/status',
  '/heartbeat',
];
/** What no server has: each that is up answers it, if only with 404. */
export const NOWHERE = '/hanglab-asks-for-nothing';

const WITHIN_MS = 2_000;
const MAX_BYTES = 100_000;

export interface FoundHealth {
  /** null when none of the usual paths is one. */
  path: string | null;
  /** The status that `/` is answered with; null when it is not, or does not matter. */
  root: number | null;
}

/**
 * @param nowhere what the server answers to `NOWHERE`.
 * @param known paths of the server's document, asked first where their names say that they are meant for it.
 */
export async function findHealth(
  client: HttpClient,
  nowhere: Asked,
  known: readonly string[],
  signal: AbortSignal,
): Promise<FoundHealth> {
  const limits = { withinMs: WITHIN_MS, maxBytes: MAX_BYTES, signal };
  // An application of one page answers every path: then none of them says anything.
  const answersAll = nowhere.status === 200;
  const named = known.filter((path) => /(^|\/)(health|healthz|livez|alive|ping)$/i.test(path));
  for (const path of new Set([...named, ...PATHS])) {
    const answer = await ask(client, GET(path), limits);
    if (answer.status === null || answer.ended !== 'whole') continue;
    const isGood = answer.status === 200 || answer.status === 204;
    if (isGood && !(answersAll && answer.text === nowhere.text)) return { path, root: null };
  }
  const root = await ask(client, GET('/'), limits);
  return { path: null, root: root.status };
}
