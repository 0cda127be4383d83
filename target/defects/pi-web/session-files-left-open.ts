import { fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from '../../healthy.ts';
import { defect } from '../defect.ts';

export default defect({
  why: 'Each listing opens each file to see whether it has changed, and never closes it.',
  parts: (healthy) => ({
    sessionFiles(parts) {
      const files = healthy.sessionFiles(parts);
      return {
        ...files,
        async stamp(id) {
          if ((await files.stamp(id)) === null) return null;
          const descriptor = openSync(join(dataFolder(parts), 'sessions', `${id}.jsonl`), 'r');
          const { size, mtimeMs, ino } = fstatSync(descriptor);
          return { bytes: size, mtimeMs, inode: ino };
        },
      };
    },
  }),
});
