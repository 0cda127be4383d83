/** `POST /v1/rerank` (Jina, Cohere) and `/v2/rerank` (Cohere): documents by how near they are to a query. */
import { z } from 'zod';
import { type ApiError, jsonAnswer } from '../answers/answer.ts';
import { embed } from '../answers/embed.ts';
import { tokensOf } from '../answers/prose/text.ts';
import { check, dottedPath, type Wording } from './check.ts';
import type { Endpoint, Provider } from './endpoint.ts';

const provider: Provider = {
  requestIdHeader: 'x-request-id',
  // Cohere reads `message`, Jina `detail`.
  error: (status, { message }) => jsonAnswer(status, { message, detail: message }),
  schemaError: (message) => ({ message }),
};

const wording: Wording = (issue, value): ApiError => {
  const path = dottedPath(issue.path) || 'body';
  if (issue.code === 'unrecognized_keys') {
    return { message: `invalid request: unknown field "${issue.keys[0]}"` };
  }
  if (value === undefined) return { message: `invalid request: ${path} is required` };
  return { message: `invalid request: ${path}: ${issue.message}` };
};

const rerankSchema = z.strictObject({
  model: z.string().min(1).nullish(),
  query: z.string().min(1),
  documents: z
    .array(z.union([z.string(), z.record(z.string(), z.unknown())]))
    .min(1)
    .max(10_000),
  top_n: z.int().min(1).nullish(),
  return_documents: z.boolean().nullish(),
  max_chunks_per_doc: z.unknown().optional(),
  max_tokens_per_doc: z.unknown().optional(),
  priority: z.unknown().optional(),
  rank_fields: z.array(z.string()).nullish(),
  truncation: z.unknown().optional(),
});

export const rerank: Endpoint = {
  route: 'rerank',
  operation: 'rerank',
  method: 'POST',
  provider,
  read(body) {
    const checked = check(rerankSchema, body, wording);
    if (!checked.ok) return checked;
    const {
      query,
      documents,
      model,
      top_n: count,
      return_documents: withDocuments,
    } = checked.value;
    const texts = documents.map((document) => {
      if (typeof document === 'string') return document;
      return typeof document.text === 'string' ? document.text : JSON.stringify(document);
    });
    return {
      ok: true,
      value: {
        model: model ?? null,
        subject: null,
        text: [query, ...texts].join('\n'),
        lastText: query,
        streamed: false,
        answer({ offSchema }) {
          const wanted = embed(query);
          const results = texts
            .map((text, index) => ({
              index,
              relevance_score: score(wanted, embed(text)),
              ...(withDocuments ? { document: { text } } : {}),
            }))
            .toSorted((a, b) => b.relevance_score - a.relevance_score || a.index - b.index)
            .slice(0, count ?? texts.length);
          const tokens = [query, ...texts].reduce((sum, text) => sum + tokensOf(text).length, 0);
          return jsonAnswer(200, {
            id: 'rerank-hanglab',
            object: 'list',
            model: model ?? 'hanglab-rerank',
            results: offSchema ? [] : results,
            usage: { total_tokens: tokens, prompt_tokens: tokens },
            meta: { api_version: { version: '2' }, billed_units: { search_units: 1 } },
          });
        },
      },
    };
  },
};

/** The cosine of two vectors of length one, brought to 0..1. */
function score(a: Float32Array, b: Float32Array): number {
  const cosine = a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  return Number(Math.min(1, Math.max(0, (1 + cosine) / 2)).toFixed(6));
}
