/** Finds the OpenAPI document of a running server: in the usual places, or where the user says. */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { HanglabError, messageOf } from '../../../platform/errors.ts';
import { type HttpClient, httpClient } from '../../operations/http.ts';
import { MAX_DOCUMENT_BYTES, type OpenApiDocument, readOpenApi } from '../openapi/document.ts';
import { ask, GET } from './ask.ts';

const PATHS = [
  '/openapi.json',
  '/v3/api-docs',
  '/swagger.json',
  '/api/openapi.json',
  '/docs-json',
  '/documentation/json',
  '/api/v1/openapi.json',
  '/v1/openapi.json',
  '/api-json',
  '/api-docs',
  '/docs/json',
  '/swagger/doc.json',
  '/swagger/v1/swagger.json',
  '/swagger/json',
  '/api/swagger.json',
  '/api/schema/?format=json',
  '/openapi.yaml',
  '/openapi',
  '/q/openapi?format=json',
];
const WITHIN_MS = 5_000;
/** A server that leaves so many of them unanswered has no answer to the others either. */
const MAX_UNANSWERED = 2;

export interface FoundDocument {
  document: OpenApiDocument;
  /** `GET /openapi.json`, or the file. */
  where: string;
}

/** The first of the usual places that has one; null when none has. */
export async function findDocument(
  client: HttpClient,
  signal: AbortSignal,
): Promise<FoundDocument | null> {
  let unanswered = 0;
  for (const path of PATHS) {
    if (unanswered >= MAX_UNANSWERED) return null;
    const answer = await ask(client, GET(path, { accept: 'application/json' }), {
      withinMs: WITHIN_MS,
      maxBytes: MAX_DOCUMENT_BYTES,
      signal,
    });
    if (answer.status === null) unanswered++;
    if (answer.status !== 200 || !/"?(openapi|swagger)"?\s*:/.test(answer.text)) continue;
    try {
      return { document: readOpenApi(answer.text, `GET ${path}`), where: `GET ${path}` };
    } catch {
      // A page of the documentation, perhaps: the next place may have the document itself.
    }
  }
  return null;
}

/**
 * The document at a path of the server, at a URL, or in a file.
 * @param client null when no server runs: then a path below one is a file's.
 * @throws HanglabError `bad-openapi`
 */
export async function documentAt(
  given: string,
  client: HttpClient | null,
  folder: string,
  signal: AbortSignal,
): Promise<FoundDocument> {
  const text = /^https?:\/\//.test(given)
    ? await textOfUrl(given, signal)
    : await textOfPath(given, client, folder, signal);
  return { document: readOpenApi(text, given), where: given };
}

async function textOfUrl(given: string, signal: AbortSignal): Promise<string> {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null) throw unreadable(given, 'expected a URL, or the path of a file');
  await using client = httpClient(url.origin);
  return await asked(client, url.pathname + url.search, given, signal);
}

/** What is a file is read; what is none may be a path of the server. */
async function textOfPath(
  given: string,
  client: HttpClient | null,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const file = resolve(folder, given);
  try {
    const { size } = await stat(file);
    if (size > MAX_DOCUMENT_BYTES) throw new Error('it is larger than 16 MB');
    return await readFile(file, 'utf8');
  } catch (error) {
    if (client !== null && given.startsWith('/')) return await asked(client, given, given, signal);
    throw unreadable(given, messageOf(error));
  }
}

async function asked(
  client: HttpClient,
  path: string,
  given: string,
  signal: AbortSignal,
): Promise<string> {
  const answer = await ask(client, GET(path), {
    withinMs: 2 * WITHIN_MS,
    maxBytes: MAX_DOCUMENT_BYTES + 1,
    signal,
  });
  if (answer.status === null) throw unreadable(given, `it ${answer.why}`);
  if (answer.status !== 200) throw unreadable(given, `it is answered with status ${answer.status}`);
  return answer.text;
}

function unreadable(given: string, why: string): HanglabError {
  return new HanglabError('bad-openapi', `--openapi ${given} cannot be read: ${why}`);
}
