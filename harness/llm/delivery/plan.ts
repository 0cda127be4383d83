/** How far an answer goes before a behaviour ends it, silences it or spoils it, counted in its pieces. */
import type { Answer, Segment } from '../answers/answer.ts';
import type { Behaviour } from '../rules/behaviour.ts';

export interface Plan {
  /** Pieces that are sent as usual; null when that is all of them. */
  cut: number | null;
  /** The piece before which an event is put whose JSON is cut; null for none. */
  broken: number | null;
}

export function planOf(answer: Answer, behaviour: Partial<Behaviour>): Plan {
  const { pieces, interjections } = answer;
  const breakAfter = behaviour.brokenEventAfterTokens;
  const canBreak = breakAfter !== undefined && interjections.brokenEvent !== null;
  return {
    cut: placeAfter(pieces, limitOf(answer, behaviour)),
    broken: canBreak ? placeAfter(pieces, breakAfter) : null,
  };
}

/** Whether `behaviour` takes effect at the place of a plan, rather than on the whole answer. */
export function actsAtPlace(behaviour: Partial<Behaviour>): boolean {
  return [
    behaviour.holdHeaders,
    behaviour.hangUp,
    behaviour.silentAfterTokens,
    behaviour.finAfterTokens,
    behaviour.resetAfterTokens,
    behaviour.endAfterTokens,
    behaviour.errorAfterTokens,
    behaviour.brokenEventAfterTokens,
    behaviour.heartbeatEveryMs,
  ].some((value) => value !== undefined);
}

function limitOf({ interjections }: Answer, behaviour: Partial<Behaviour>): number | undefined {
  return (
    behaviour.silentAfterTokens ??
    behaviour.finAfterTokens ??
    behaviour.resetAfterTokens ??
    behaviour.endAfterTokens ??
    // A body that is no stream has no place for it.
    (interjections.error === null ? undefined : behaviour.errorAfterTokens) ??
    (behaviour.heartbeatEveryMs === undefined ? undefined : 0)
  );
}

/** The number of pieces that hold `limit` tokens; null when the answer ends with them or before. */
function placeAfter(pieces: Segment, limit: number | undefined): number | null {
  if (limit === undefined) return null;
  let counted = 0;
  for (let i = 0; i < pieces.length; i++) {
    const tokens = pieces.tokens(i);
    // After none: before the first that counts.
    if (limit === 0 && tokens > 0) return i;
    counted += tokens;
    if (limit > 0 && counted >= limit) return i + 1 < pieces.length ? i + 1 : null;
  }
  return null;
}

export function lengthOf(pieces: Segment, to: number): number {
  let bytes = 0;
  for (let i = 0; i < to; i++) bytes += pieces.at(i).length;
  return bytes;
}
