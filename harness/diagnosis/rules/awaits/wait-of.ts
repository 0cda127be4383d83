/** Whether what a request waits for may still come, read from the facts: for the decision between hung, waiting and live. */
import type { DiagnosisCode } from '../../codes.ts';
import type { AwaitFacts, OpenRequest, Resolver } from '../../facts/await-facts.ts';
import type { Ending, Wait } from '../decision/decide.ts';
import type { AwaitVerdict } from './verdict.ts';

/**
 * Nobody can end these, inside the process or outside. What a connection shows is not among them: who has not read it,
 * or closed it, may be about to.
 */
const NEVER_ENDS: ReadonlySet<DiagnosisCode> = new Set(['deadlock', 'abandoned-lock']);
/** What may end a wait although nothing of the program does. */
const OUTSIDE: ReadonlySet<Resolver['kind']> = new Set(['socket', 'native', 'client']);

/** @param code of the hang, once its socket is known. */
export function waitOf(
  facts: AwaitFacts,
  agesMs: ReadonlyMap<number, number>,
  found: AwaitVerdict,
  code: DiagnosisCode,
): Wait {
  const requests = facts.requests.filter(({ id }) => found.requestIds.includes(id));
  // What serves no request waits for all that are open, as a server that closes does.
  const ages = (requests.length > 0 ? requests : facts.requests.filter(lasts)).flatMap(
    ({ id }) => agesMs.get(id) ?? [],
  );
  return {
    ending: endingOf(found, requests, code),
    oldestMs: ages.length > 0 ? Math.round(Math.max(...ages)) : null,
    timerMs: found.timerMs,
    moves: found.isBehindMoving || moves(facts, found, requests),
    isStream: requests.length > 0 && requests.every(isStream),
  };
}

/** Its end is not near: an event stream, or nothing of it moves. */
function lasts({ sent, hasMoved }: OpenRequest): boolean {
  return sent === 'stream' || !hasMoved;
}

/** Its client has a part of the answer, or asked for events. */
export function isStream({ sent = 'nothing' }: OpenRequest): boolean {
  return sent !== 'nothing';
}

function endingOf(
  { resolvers, timerMs }: AwaitVerdict,
  requests: readonly OpenRequest[],
  code: DiagnosisCode,
): Ending {
  // A client that does not read on holds up everything behind it, and may read on at any time.
  const isOwed = requests.length > 0 && requests.every(({ client }) => Boolean(client));
  if (isOwed) return 'outside';
  if (NEVER_ENDS.has(code)) return 'nobody';
  const kinds = resolvers.map(({ kind }) => kind);
  if (kinds.length === 0) return timerMs === null ? 'nobody' : 'timer';
  if (kinds.every((kind) => kind === 'timer')) return 'timer';
  return kinds.some((kind) => OUTSIDE.has(kind)) ? 'outside' : 'inside';
}

/** Bytes went over the clients' connections, or over one that is waited for. */
function moves(
  { connections = [], peers }: AwaitFacts,
  { resolvers }: AwaitVerdict,
  requests: readonly OpenRequest[],
): boolean {
  const awaited = new Set(resolvers.map(({ id }) => peers[id]?.connection ?? id));
  // A client that is sent something does not end what waits for its leaving.
  const isFed = connections.some(
    ({ id, hasMoved, isAccepted }) => hasMoved && !isAccepted && awaited.has(id),
  );
  const isServed =
    requests.length > 0 && requests.every(({ hasMoved, hasEnded }) => hasMoved || hasEnded);
  return isFed || isServed;
}
