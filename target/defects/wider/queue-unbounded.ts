import { permits } from '../../permits.ts';
import { defect } from '../defect.ts';

/** An unbounded queue has nothing to acquire and nothing to release. */
const place: Disposable = { [Symbol.dispose]() {} };

interface Word {
  word: string;
  start: number;
  end: number;
}

export default defect({
  why: 'Work is accepted without bound, and each document is kept in memory until it is indexed.',
  parts: (healthy) => {
    const prepared = new Map<string, Word[]>();
    return {
      admission: () => ({ enter: () => place }),
      engine: () => permits(Number.POSITIVE_INFINITY),
      ingest(parts) {
        const ingest = healthy.ingest(parts);
        return async (upload, scope) => {
          const accepted = await ingest(upload, scope);
          prepared.set(accepted.id, wordsOf(upload.text));
          return accepted;
        };
      },
      claims(parts) {
        const claims = healthy.claims(parts);
        return {
          ...claims,
          finish(claim) {
            const held = claims.finish(claim);
            const { documentId } = claim;
            if (parts.documents.get(documentId)?.state === 'indexed') prepared.delete(documentId);
            return held;
          },
        };
      },
    };
  },
});

/** The document, prepared for indexing: its words and their positions. */
function wordsOf(text: string): Word[] {
  return [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({
    word,
    start: index,
    end: index + word.length,
  }));
}
