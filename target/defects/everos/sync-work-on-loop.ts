import { defect } from '../defect.ts';

export default defect({
  why: 'The exact number of tokens is computed in the upload handler, in one go, on the event loop.',
  parts: () => ({ estimate: () => countTokens }),
});

/** Merges of a round: the vocabulary is learnt from the text itself, so longer texts take more. */
const CHARACTERS_A_MERGE = 400;

/** Byte-pair encoding as it is first written: every merge walks the whole text. */
function countTokens(text: string): number {
  let pieces = [...text];
  for (let merge = 0; merge < text.length / CHARACTERS_A_MERGE; merge++) {
    const pair = mostFrequentPair(pieces);
    if (pair === null) break;
    pieces = mergePair(pieces, pair);
  }
  return pieces.length;
}

function mostFrequentPair(pieces: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (let i = 1; i < pieces.length; i++) {
    const pair = `${pieces[i - 1]}${pieces[i]}`;
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  const [best] = [...counts].sort((a, b) => b[1] - a[1]);
  return best && best[1] > 1 ? best[0] : null;
}

function mergePair(pieces: readonly string[], pair: string): string[] {
  const merged: string[] = [];
  for (let i = 0; i < pieces.length; i++) {
    const joined = `${pieces[i]}${pieces[i + 1] ?? ''}`;
    merged.push(joined === pair && i + 1 < pieces.length ? joined : (pieces[i] as string));
    if (merged.at(-1) === pair && joined === pair) i++;
  }
  return merged;
}
