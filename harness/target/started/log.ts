/**
 * What a target prints: its last lines for messages, and all of it in a file. Neither the length of a line nor
 * the amount is trusted.
 */
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { redact } from '../../platform/redact.ts';

const KEPT_LINES = 40;
const MAX_LINE_CHARACTERS = 8_000;
const MAX_FILE_BYTES = 100_000_000;
/** The last line of a log that was too long to be kept whole. */
export const REST_LEFT_OUT = '(the rest is left out: more than 100 MB)';

export interface TargetLog {
  follow(stream: Readable): void;
  lastLines(): string[];
  /** Calls `listener` with each line as it is printed, before secrets are taken out of it. */
  onLine(listener: (line: string) => void): void;
  /** Resolves when everything is in the file. */
  close(): Promise<void>;
}

export function openLog(path: string): TargetLog {
  const file = createWriteStream(path, { flags: 'a', mode: 0o600 });
  // A full disk must not end the run.
  file.on('error', () => {});
  const lines: string[] = [];
  const listeners: ((line: string) => void)[] = [];
  let writtenBytes = 0;

  const take = (line: string): void => {
    for (const listener of listeners) listener(line);
    const kept = redact(line);
    lines.push(kept);
    if (lines.length > KEPT_LINES) lines.shift();
    if (writtenBytes > MAX_FILE_BYTES) return;
    writtenBytes += Buffer.byteLength(kept) + 1;
    const isLast = writtenBytes > MAX_FILE_BYTES;
    file.write(`${isLast ? REST_LEFT_OUT : kept}\n`);
  };

  return {
    follow(stream) {
      const decoder = new StringDecoder('utf8');
      let rest = '';
      stream.on('data', (bytes: Buffer) => {
        const parts = (rest + decoder.write(bytes)).split('\n');
        rest = parts.pop() ?? '';
        for (const part of parts) take(part.slice(0, MAX_LINE_CHARACTERS).replace(/\r$/, ''));
        if (rest.length <= MAX_LINE_CHARACTERS) return;
        take(rest.slice(0, MAX_LINE_CHARACTERS));
        rest = '';
      });
      stream.on('end', () => {
        if (rest !== '') take(rest);
        rest = '';
      });
      stream.on('error', () => {});
    },
    lastLines: () => [...lines],
    onLine: (listener) => listeners.push(listener),
    async close() {
      file.end();
      await finished(file).catch(() => {});
    },
  };
}
