import { type Entry, parseLine } from '../../sessions/entries.ts';
import { byTime, countLines, summaryOf } from '../../sessions/summaries.ts';
import { defect } from '../defect.ts';

export default defect({
  why: 'Each listing opens and parses all session files at once, even while another listing does so.',
  parts: () => ({
    summaries:
      ({ sessionFiles }) =>
      async () => {
        const ids = await sessionFiles.ids();
        const all = ids.map(async (id) => {
          const stamp = await sessionFiles.stamp(id);
          const value = countLines.empty();
          const entries: Entry[] = [];
          const behind = await sessionFiles.read(id, 0, (line) => {
            countLines.add(value, line);
            const entry = parseLine(line);
            if (entry) entries.push(entry);
          });
          // For a search that may never happen.
          const words = wordsOf(entries);
          if (stamp === null || behind === null) return [];
          return [{ ...summaryOf(id, { value, stamp, behind }), words: words.size }];
        });
        return (await Promise.all(all)).flat().sort(byTime);
      },
  }),
});

/** How often each word occurs in the messages. */
function wordsOf(entries: readonly Entry[]): Map<string, number> {
  const words = new Map<string, number>();
  for (const entry of entries) {
    if (entry.type !== 'message') continue;
    for (const word of entry.text.toLowerCase().match(/\p{L}+/gu) ?? []) {
      words.set(word, (words.get(word) ?? 0) + 1);
    }
  }
  return words;
}
