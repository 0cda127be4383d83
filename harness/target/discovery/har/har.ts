/** Reads a HAR file: what a browser recorded. Only what is needed of it, and nothing of it is trusted. */
import { z } from 'zod';
import { HanglabError, messageOf } from '../../../platform/errors.ts';

/** An hour of a busy page with all its bodies. */
export const MAX_HAR_BYTES = 200_000_000;
const MAX_ENTRIES = 20_000;

const pair = z.object({ name: z.string(), value: z.string() });

const entry = z.object({
  _resourceType: z.string().optional(),
  request: z.object({
    method: z.string(),
    url: z.string(),
    headers: z.array(pair).catch([]),
    postData: z
      .object({
        mimeType: z.string().catch(''),
        text: z.string().optional(),
        params: z
          .array(
            z.object({
              name: z.string(),
              value: z.string().optional(),
              fileName: z.string().optional(),
              contentType: z.string().optional(),
            }),
          )
          .optional(),
      })
      .optional()
      .catch(undefined),
  }),
  response: z.object({
    status: z.number(),
    content: z
      .object({
        mimeType: z.string().catch(''),
        text: z.string().optional(),
        encoding: z.string().optional(),
      })
      .catch({ mimeType: '' }),
  }),
});

export type HarEntry = z.infer<typeof entry>;

const har = z.object({ log: z.object({ entries: z.array(z.unknown()) }) });

/**
 * The entries of a recording that are whole, in their order.
 * @throws HanglabError `bad-har`
 */
export function readHar(text: string, where: string): HarEntry[] {
  const refuse = (why: string): never => {
    throw new HanglabError('bad-har', `${where} is not a HAR file: ${why}`);
  };
  if (text.length > MAX_HAR_BYTES) refuse('it is larger than 200 MB');
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return refuse(messageOf(error));
  }
  const read = har.safeParse(json);
  if (!read.success) return refuse('expected "log" with "entries"');
  return read.data.log.entries.slice(0, MAX_ENTRIES).flatMap((each) => {
    const { data } = entry.safeParse(each);
    return data === undefined ? [] : [data];
  });
}
