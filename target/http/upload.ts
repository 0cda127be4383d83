/** Reads one upload (a file and a title) in memory, within its bounds, or says what is wrong. */
import type { Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { badRequest, Refusal } from '../refusal.ts';
import { type Scope, untilAborted } from '../scope.ts';
import type { Upload } from '../uploads/ingest.ts';

const MAX_TITLE_CHARACTERS = 300;
const ENVELOPE_BYTES = 65_536;

/** @throws Refusal 4xx with the reason */
export async function readUpload(
  request: FastifyRequest,
  documentBytes: number,
  scope: Scope,
): Promise<Upload> {
  if (!request.isMultipart()) {
    const given = request.headers['content-type'] ?? 'nothing';
    throw new Refusal(415, 'not-multipart', `expected multipart/form-data, not ${given}`);
  }
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > documentBytes + ENVELOPE_BYTES) throw tooLarge(documentBytes);

  const limits = { fileSize: documentBytes, files: 2, fields: 16, fieldSize: 4096, parts: 20 };
  const parts = request.parts({ limits, preservePath: true });
  let file: { name: string; content: Buffer } | undefined;
  let title: string | undefined;
  try {
    for (;;) {
      const next = await untilAborted(parts.next(), scope.signal);
      if (next.done) break;
      const part: Multipart = next.value;
      if (part.type === 'field') {
        if (part.fieldname === 'title') title = String(part.value);
        continue;
      }
      if (file) throw badRequest('two-files', 'exactly one file is expected');
      const content = await untilAborted(part.toBuffer(), scope.signal);
      file = { name: part.filename, content };
    }
  } catch (error) {
    throw explain(error, documentBytes);
  }
  if (!file) throw badRequest('no-file', 'the form has no file');
  checkName(file.name);
  return { title: checkTitle(title), text: textOf(file.content), bytes: file.content.length };
}

function explain(error: unknown, documentBytes: number): unknown {
  if (error instanceof Refusal) {
    if (error.code !== 'deadline') return error;
    return new Refusal(408, 'upload-too-slow', 'the upload did not arrive within the deadline');
  }
  const { code, message } = error as { code?: string; message: string };
  if (code === 'FST_REQ_FILE_TOO_LARGE') return tooLarge(documentBytes);
  if (code === 'FST_FILES_LIMIT') return badRequest('two-files', 'exactly one file is expected');
  if (code?.startsWith('FST_')) return error;
  return badRequest('malformed-multipart', message);
}

function tooLarge(documentBytes: number): Refusal {
  return new Refusal(413, 'too-large', `a document may have ${documentBytes} bytes`);
}

/** The name is never used for a path; one that tries to be a path is refused all the same. */
function checkName(name: string): void {
  if (/[/\\\0]/.test(name) || name === '..' || name === '.') {
    throw badRequest('bad-file-name', 'a file name must not contain a path');
  }
}

function checkTitle(given: string | undefined): string {
  const title = given?.trim() ?? '';
  if (title === '') throw badRequest('no-title', 'the form has no title');
  if (title.length > MAX_TITLE_CHARACTERS) {
    throw badRequest('bad-title', `a title may have ${MAX_TITLE_CHARACTERS} characters`);
  }
  if (/[\0-\x1f\x7f]/.test(title) || /\.\.[/\\]/.test(title)) {
    throw badRequest('bad-title', 'a title must not contain control characters or a path');
  }
  return title;
}

function textOf(content: Buffer): string {
  if (content.length === 0) throw badRequest('empty', 'the file is empty');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw new Refusal(415, 'not-text', 'the file is not UTF-8 text');
  }
  if (text.includes('\0')) throw new Refusal(415, 'not-text', 'the file holds binary data');
  if (text.trim() === '') throw badRequest('empty', 'the file has no text');
  return text;
}
