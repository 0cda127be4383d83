import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyRequest } from 'fastify';
import { checkUpload, type ReadUpload } from '../../http/upload.ts';
import { badRequest } from '../../refusal.ts';
import { type Scope, untilAborted } from '../../scope.ts';
import { defect } from '../defect.ts';

export default defect({
  why: 'Uploads go through temporary files; an abandoned one leaves its file and its descriptor.',
  parts: () => ({ readUpload: () => throughFiles }),
});

const throughFiles: ReadUpload = async (request, scope) => {
  let title: string | undefined;
  let file: { name: string; content: Buffer } | undefined;
  for await (const part of request.parts({ preservePath: true })) {
    if (part.type === 'file') file = await spooled(part, scope);
    else if (part.fieldname === 'title') title = String(part.value);
  }
  if (!file) throw badRequest('no-file', 'the form has no file');
  return checkUpload(title, file);
};

type Part = Extract<
  Awaited<ReturnType<FastifyRequest['parts']>> extends AsyncIterable<infer P> ? P : never,
  { type: 'file' }
>;

/** Reads the file via the disk. Nothing cleans up when the rest of the upload never arrives. */
async function spooled({ file, filename }: Part, { signal }: Scope) {
  const path = join(tmpdir(), `upload-${randomUUID()}`);
  const out = createWriteStream(path);
  file.pipe(out);
  await untilAborted(once(out, 'finish'), signal);
  const content = await readFile(path);
  await rm(path);
  return { name: filename, content };
}
