/** `temp-bytes-back`: files of abandoned uploads and the like are gone from the target's temporary folder. */
import { plural } from '../../platform/plural.ts';
import { type Check, check, notReached } from '../check.ts';

interface State {
  before: { files: number; bytes: number } | null;
  after: { files: number; bytes: number } | null;
}

/** A file that is being written when the count is taken is no leftover: one block of a file system. */
const ALLOWED_BYTES = 4096;

export function tempBytesBack(): Check {
  return check<State>({
    name: 'temp-bytes-back',
    needs: ['temporary-folder'],
    start: () => ({ before: null, after: null }),
    on: {
      resources(state, { temporary }, run) {
        if (!temporary) return;
        if (run.phases.quiesce) state.after = temporary;
        else if (!run.phases.baseline) state.before = temporary;
      },
    },
    finding({ before, after }) {
      const limit = { value: ALLOWED_BYTES, unit: 'bytes' };
      if (!before || !after) {
        return { ...notReached('quiesce', 'the temporary folder was not looked at'), limit };
      }
      const measured = { value: after.bytes - before.bytes, unit: 'bytes' };
      const base = { phase: 'quiesce' as const, limit, measured };
      const counts = `${plural(after.files, 'file')} with ${after.bytes} bytes in the temporary folder after quiesce, ${plural(before.files, 'file')} with ${before.bytes} bytes after warmup`;
      return { ...base, verdict: measured.value > limit.value ? 'fail' : 'pass', message: counts };
    },
  });
}
