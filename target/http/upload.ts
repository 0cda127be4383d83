/** Reads one upload (a file and a title) into memory, within its limits, or says what is wrong. */
import type { Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { badRequest, Refusal } from '../refusal.ts';
import { type Scope, untilAborted } from '../scope.ts';
import type { Upload } from '../uploads/ingest.ts';

/** Reads the form of a request. @throws Refusal 4xx with the reason */
export type ReadUpload = (request: FastifyRequest, scope: Scope) => Promise<Upload>;

/** Not blank, without control characters, and nothing that could be a path. */
export const TITLE_PATTERN =
  /^(?!.*\.\.[/\\])[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$/;
const MAX_TITLE_CHARACTERS = 300;
const ENVELOPE_BYTES = 65_536;

/** Keeps uploads in memory only: an abandoned one leaves neither a file nor a descriptor. */
export function readInMemory(documentBytes: number): ReadUpload {
  return (request, scope) => read(request, documentBytes, scope);
}

async function read(request: FastifyRequest, documentBytes: number, scope: Scope): Promise<Upload> {
  if (!request.isMultipart()) {
    const given = request.headers['content-type'] ?? 'nothing';
    throw new Refusal(415, 'not-multipart', `expected multipart/form-data, not ${given}`);
  }
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > documentBytes + ENVELOPE_BYTES) throw tooLarge(documentBytes);

  const fieldSize = documentBytes + 1;
  const limits = { fileSize: documentBytes, files: 2, fields: 16, fieldSize, parts: 20 };
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
        if (part.fieldname !== 'file') continue;
      }
      if (file) throw badRequest('two-files', 'exactly one file is expected');
      file = await contentOf(part, documentBytes, scope);
    }
  } catch (error) {
    throw explain(error, documentBytes);
  }
  if (!file) throw badRequest('no-file', 'the form has no file');
  return checkUpload(title, file);
}

/** Validates the parts of an upload. @throws Refusal 4xx with the reason */
export function checkUpload(
  title: string | undefined,
  { name, content }: { name: string; content: Buffer },
): Upload {
  checkName(name);
  return { title: checkTitle(title), text: textOf(content), bytes: content.length };
}

/** The document is a file, or, for clients that only have text, the field `file`. */
async function contentOf(part: Multipart, documentBytes: number, scope: Scope) {
  if (part.type === 'file') {
    return { name: part.filename, content: await untilAborted(part.toBuffer(), scope.signal) };
  }
  const content = Buffer.from(String(part.value));
  if (content.length > documentBytes) throw tooLarge(documentBytes);
  return { name: part.fieldname, content };
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

/** The name is never used for a path, but one that looks like a path is still refused. */
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
  if (!TITLE_PATTERN.test(title)) {
    throw badRequest('bad-title', 'a title must not contain control characters or a path');
  }
  return title;
}

/** At least one visible character, and no NUL; a byte order mark does not count as visible. */
export const FILE_PATTERN = /^[^\x00]*[^\s\x00\ufeff][^\x00]*$/;

function textOf(content: Buffer): string {
  if (content.length === 0) throw badRequest('empty', 'the file is empty');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw new Refusal(415, 'not-text', 'the file is not UTF-8 text');
  }
  if (text.includes('\0')) throw new Refusal(415, 'not-text', 'the file holds binary data');
  if (!FILE_PATTERN.test(text)) throw badRequest('empty', 'the file has no text');
  return text;
}
