/** The job of a worker thread: finds a pattern in texts. */
import type { FindJob, Match } from './workers.ts';

const MOST = 100;
const EXCERPT_CHARACTERS = 80;

/** @throws SyntaxError for an invalid pattern */
export default function find({ texts, pattern }: FindJob): Match[] {
  const expression = new RegExp(pattern, 'gu');
  const found: Match[] = [];
  for (const [message, text] of texts.entries()) {
    for (const { index, 0: match } of text.matchAll(expression)) {
      if (found.length === MOST) return found;
      found.push({ message, at: index, text: match.slice(0, EXCERPT_CHARACTERS) });
    }
  }
  return found;
}
