/** The requests of the reference target's API, as a user's client would send them: over one link, kept alive. */
import { Agent, FormData, request } from 'undici';
import type { Document } from '../load/documents.ts';
import type { Answer } from '../load/requests.ts';

export interface SearchResult {
  documentId: string;
  text: string;
  score: number;
}

export interface TargetClient extends AsyncDisposable {
  upload(document: Document, signal: AbortSignal): Promise<Answer>;
  search(
    query: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<Answer & { results: SearchResult[] }>;
  list(limit: number, signal: AbortSignal): Promise<Answer>;
  /** The document's state, null when the server does not know it, and the age of its oldest claim. */
  state(
    id: string,
    signal: AbortSignal,
  ): Promise<Answer & { state: string | null; claimAgeMs: number | null }>;
  remove(id: string, signal: AbortSignal): Promise<Answer>;
}

/** @param baseUrl of the front link, or of the target itself. No timeouts: how long it takes is the finding. */
export function referenceClient(baseUrl: string): TargetClient {
  const dispatcher = new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    // Idle connections go soon, so that quiesce sees the target's own.
    keepAliveTimeout: 1000,
    // Whatever longer time the server offers.
    keepAliveMaxTimeout: 1000,
    connections: 256,
    pipelining: 1,
  });
  const documents = `${baseUrl}/api/v1/knowledge/documents`;

  async function call(
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    signal: AbortSignal,
    content: { form?: FormData; json?: unknown } = {},
  ): Promise<{ status: number; body: unknown; detail: string | null }> {
    const response = await request(url, {
      method,
      dispatcher,
      signal,
      ...(content.form ? { body: content.form } : {}),
      ...(content.json === undefined
        ? {}
        : { body: JSON.stringify(content.json), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.body.text();
    const failed = response.statusCode >= 300;
    return {
      status: response.statusCode,
      body: parse(text),
      detail: failed ? text.slice(0, 300) : null,
    };
  }

  return {
    async upload(document, signal) {
      const form = new FormData();
      form.set('title', document.title);
      form.set(
        'file',
        new Blob([document.text], { type: 'text/markdown' }),
        `${document.title}.md`,
      );
      const { status, body, detail } = await call('POST', documents, signal, { form });
      return { status, detail, acknowledged: status === 201 ? (body as { id: string }).id : null };
    },
    async search(query, limit, signal) {
      const url = `${baseUrl}/api/v1/knowledge/search`;
      const { status, body, detail } = await call('POST', url, signal, { json: { query, limit } });
      return { status, detail, results: (body as { results?: SearchResult[] })?.results ?? [] };
    },
    async list(limit, signal) {
      const { status, detail } = await call('GET', `${documents}?limit=${limit}`, signal);
      return { status, detail };
    },
    async state(id, signal) {
      const url = `${documents}/${encodeURIComponent(id)}`;
      const { status, body, detail } = await call('GET', url, signal);
      const { state, rows } = (body ?? {}) as {
        state?: string;
        rows?: { claimAgeMs: number | null }[];
      };
      const ages = (rows ?? []).flatMap(({ claimAgeMs }) => claimAgeMs ?? []);
      const claimAgeMs = ages.length > 0 ? Math.max(...ages) : null;
      return { status, detail, state: state ?? null, claimAgeMs };
    },
    async remove(id, signal) {
      const { status, detail } = await call(
        'DELETE',
        `${documents}/${encodeURIComponent(id)}`,
        signal,
      );
      return { status, detail, acknowledged: status < 300 ? id : null };
    },
    async [Symbol.asyncDispose]() {
      await dispatcher.destroy();
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
