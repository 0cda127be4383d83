import { byTime, countLines, summaryOf } from '../../sessions/summaries.ts';
import { defect } from '../defect.ts';

export default defect({
  why: 'Each listing opens and parses every session file, all at once, and so does the next beside it.',
  parts: () => ({
    summaries:
      ({ sessionFiles }) =>
      async () => {
        const ids = await sessionFiles.ids();
        const all = ids.map(async (id) => {
          const stamp = await sessionFiles.stamp(id);
          const value = countLines.empty();
          const behind = await sessionFiles.read(id, 0, (line) => countLines.add(value, line));
          return stamp ? [summaryOf(id, { value, stamp, behind })] : [];
        });
        return (await Promise.all(all)).flat().sort(byTime);
      },
  }),
});
