/** A recording: what was asked and what was answered, a line of JSON each, with the times of its pieces. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { HanglabError, messageOf } from '../../platform/errors.ts';

export const RECORDING_FORMAT = 'hanglab.model-recording/1';

const headers = z.record(z.string(), z.string());

const entrySchema = z.object({
  request: z.object({ method: z.string(), path: z.string(), headers, body: z.string() }),
  response: z.object({
    status: z.int(),
    headers,
    /** Of the chunks: text, or base64 of what is no text. */
    encoding: z.enum(['utf8', 'base64']),
    /** Each with its milliseconds since the request. */
    chunks: z.array(z.tuple([z.number(), z.string()])),
    /** Whether it was read to its end. */
    complete: z.boolean(),
  }),
});

export type RecordedExchange = z.infer<typeof entrySchema>;

/** @throws HanglabError `bad-recording`, with the line. */
export async function readRecording(file: string): Promise<RecordedExchange[]> {
  const bad = (why: string): HanglabError =>
    new HanglabError('bad-recording', `--replay ${file}: ${why}`);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw bad(`cannot read it: ${messageOf(error)}`);
  });
  const [head = '', ...lines] = text.split('\n').filter((line) => line.trim() !== '');
  if (!head.includes(RECORDING_FORMAT)) {
    throw bad(`expected a file that "hanglab model --record" has written (${RECORDING_FORMAT})`);
  }
  return lines.map((line, index) => {
    try {
      return entrySchema.parse(JSON.parse(line));
    } catch (error) {
      throw bad(`line ${index + 2} is not an exchange: ${messageOf(error).slice(0, 200)}`);
    }
  });
}
