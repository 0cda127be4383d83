/**
 * At the end a person would look for their documents: by listing, and by searching for a sentence that
 * stands in that document only. What is found goes into the history; the checks judge it.
 */

import type { EventOf } from '../history/history.ts';
import { referenceClient, type TargetClient } from '../target/reference-client.ts';
import type { Environment } from './environment.ts';

const SEARCH_LIMIT = 20;
const AT_ONCE = 8;

type Seen = Pick<EventOf<'audit'>, 'found' | 'copies' | 'state' | 'claimAgeMs'>;

export async function audit(environment: Environment, stop: AbortSignal): Promise<void> {
  const { accepted, recorder, target } = environment;
  // Straight to the target, and over connections that are gone before descriptors are counted.
  await using client = referenceClient(`http://${target.host}:${target.port}`);
  const waiting = [...accepted];
  const one = async (): Promise<void> => {
    for (let next = waiting.shift(); next && !stop.aborted; next = waiting.shift()) {
      const { id, document, deleted } = next;
      const signal = AbortSignal.any([stop, AbortSignal.timeout(target.limits.requestMs * 2)]);
      const seen = await look(client, id, document.ownSentence, signal);
      const expected = deleted ? 'absent' : 'indexed';
      recorder.record({ kind: 'audit', subject: document.title, id, expected, ...seen });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

async function look(
  client: TargetClient,
  id: string,
  sentence: string,
  signal: AbortSignal,
): Promise<Seen> {
  try {
    const { state, claimAgeMs } = await client.state(id, signal);
    const { results } = await client.search(sentence, SEARCH_LIMIT, signal);
    const own = results.filter(({ documentId }) => documentId === id);
    // Two rows of a guide may say the same; its own sentence stands in one of them.
    const texts = own.map(({ text }) => text).filter((text) => text.includes(sentence));
    const copies = Math.max(0, ...texts.map((a) => texts.filter((b) => a === b).length));
    return { found: texts.length > 0, copies, state, claimAgeMs };
  } catch {
    return { found: false, copies: 0, state: null, claimAgeMs: null };
  }
}
