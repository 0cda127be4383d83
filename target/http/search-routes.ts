/** `/api/v1/knowledge/search`. */
import type { FastifyInstance } from 'fastify';
import type { Parts } from '../parts.ts';
import { answers, array, BODY_FAILURES, json, number, object, text } from './schemas.ts';

const found = object({
  rowId: text,
  documentId: text,
  title: text,
  topic: text,
  text,
  score: number,
});

export function searchRoutes(app: FastifyInstance, parts: Parts): void {
  app.post<{ Body: { query: string; limit: number } }>(
    '/api/v1/knowledge/search',
    {
      schema: {
        summary: 'The places in all indexed documents that are nearest to the query',
        body: {
          type: 'object',
          required: ['query'],
          additionalProperties: false,
          properties: {
            query: { type: 'string', minLength: 1, maxLength: 8000 },
            limit: { type: 'integer', minimum: 1, maximum: 100, default: 10 },
          },
        },
        response: answers(
          { 200: json('The best first', object({ results: array(found) })) },
          ...BODY_FAILURES,
          502,
          504,
        ),
        tags: ['search'],
      },
    },
    async ({ body }, reply) => {
      using scope = parts.scopes.open(reply);
      return { results: await parts.search(body.query, body.limit, scope) };
    },
  );
}
