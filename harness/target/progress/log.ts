/**
 * Progress by lines that the target prints: one kind for accepted work, one for done, one for given up. Its log
 * is read on from where the last sample ended, so a sample costs what is new.
 */
import { open } from 'node:fs/promises';
import type { Progress } from '../../history/events.ts';
import type { LogProgressConfig } from '../config/config.ts';
import { REST_LEFT_OUT } from '../started/log.ts';
import type { ProgressSource, ProgressSubject } from './source.ts';

interface ReadSoFar {
  offset: number;
  /** A line that has no end yet. */
  rest: string;
  accepted: number;
  done: number;
  givenUp: number;
  /** The log was too long to be kept whole: nothing can be counted any more. */
  isCut: boolean;
}

const CHUNK_BYTES = 1_000_000;

export function logProgress({ log }: LogProgressConfig): ProgressSource {
  // A target that was started again writes the same file, and is read from its begin.
  const known = new WeakMap<ProgressSubject, ReadSoFar>();
  return {
    name: `log lines like ${log.done}`,
    async read(target) {
      if (target.logFile === null) return null;
      const soFar = known.get(target) ?? {
        ...{ offset: 0, rest: '', accepted: 0, done: 0, givenUp: 0, isCut: false },
      };
      known.set(target, soFar);
      await readOn(target.logFile, soFar, log);
      return soFar.isCut ? null : progressFrom(soFar);
    },
  };
}

function progressFrom({ accepted, done, givenUp }: ReadSoFar): Progress {
  return { open: Math.max(0, accepted - done - givenUp), done, givenUp };
}

async function readOn(
  file: string,
  soFar: ReadSoFar,
  { accepted, done, givenUp }: LogProgressConfig['log'],
): Promise<void> {
  await using handle = await open(file, 'r');
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, soFar.offset);
    if (bytesRead === 0) return;
    soFar.offset += bytesRead;
    // As latin1 no character is cut in two; each line is read as UTF-8 when it is whole.
    const lines = (soFar.rest + buffer.toString('latin1', 0, bytesRead)).split('\n');
    soFar.rest = lines.pop() ?? '';
    for (const latin1 of lines) {
      const line = Buffer.from(latin1, 'latin1').toString('utf8');
      if (line === REST_LEFT_OUT) soFar.isCut = true;
      if (line.search(accepted) >= 0) soFar.accepted++;
      if (line.search(done) >= 0) soFar.done++;
      else if (givenUp && line.search(givenUp) >= 0) soFar.givenUp++;
    }
  }
}
