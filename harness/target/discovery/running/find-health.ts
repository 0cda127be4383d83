/** Finds the endpoint that tells whether a server is well, in the usual places. */
import type { HttpClient } from '../../operations/http.ts';
import { ask, GET } from './ask.ts';

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
/** A server without any of these answers some path like it, if only with 404. */
const NOWHERE = '/hanglab-asks-for-nothing';

const WITHIN_MS = 2_000;
/** A server that has just begun to listen may not be able to answer yet. */
const FIRST_WITHIN_MS = 10_000;
const MAX_BYTES = 100_000;

export interface FoundHealth {
  /** null when none of the usual paths is one. */
  path: string | null;
  /** The status that `/` is answered with; null when it is not, or does not matter. */
  root: number | null;
  /** Whether anything was answered at all. */
  answers: boolean;
}

/** @param known paths of the server's document, asked first where their names say that they are meant for it. */
export async function findHealth(
  client: HttpClient,
  known: readonly string[],
  signal: AbortSignal,
): Promise<FoundHealth> {
  const maxBytes = MAX_BYTES;
  const nowhere = await ask(client, GET(NOWHERE), { withinMs: FIRST_WITHIN_MS, maxBytes, signal });
  if (nowhere === null) return { path: null, root: null, answers: false };
  // An application of one page answers every path: then none of them says anything.
  const answersAll = nowhere.status === 200;
  const named = known.filter((path) => /(^|\/)(health|healthz|livez|alive|ping)$/i.test(path));
  for (const path of new Set([...named, ...PATHS])) {
    const answer = await ask(client, GET(path), { withinMs: WITHIN_MS, maxBytes, signal });
    if (answer === null || answer.ended !== 'whole') continue;
    const isGood = answer.status === 200 || answer.status === 204;
    if (isGood && !(answersAll && answer.text === nowhere.text))
      return { path, root: null, answers: true };
  }
  const root = await ask(client, GET('/'), { withinMs: WITHIN_MS, maxBytes, signal });
  return { path: null, root: root?.status ?? null, answers: true };
}
