/** `/api/v1/knowledge/documents`: upload, list, look at one, delete. */
import type { FastifyInstance } from 'fastify';
import { STATES, type State } from '../documents/states.ts';
import type { Parts } from '../parts.ts';
import { badRequest, Refusal } from '../refusal.ts';
import { readUpload } from './upload.ts';

const PATH = '/api/v1/knowledge/documents';
const tags = ['documents'];

export function documentRoutes(app: FastifyInstance, parts: Parts): void {
  app.post(
    PATH,
    {
      schema: {
        summary: 'Upload a document: a file (UTF-8 text) and a title',
        description:
          '201 means that it is durable; it is indexed afterwards. 503: try again later.',
        consumes: ['multipart/form-data'],
        tags,
      },
    },
    async (request, reply) => {
      using scope = parts.scopes.open(reply);
      using _place = parts.admission.enter();
      const upload = await readUpload(request, parts.config.documentBytes, scope);
      const accepted = await parts.ingest(upload, scope);
      parts.log.info({ event: 'document-accepted', ...accepted });
      return reply.code(201).header('location', `${PATH}/${accepted.id}`).send(accepted);
    },
  );

  app.get<{ Querystring: { limit: number; cursor?: string; state?: State } }>(
    PATH,
    {
      schema: {
        summary: 'List documents, with how many documents and rows there are in each state',
        querystring: {
          type: 'object',
          properties: {
            limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
            cursor: { type: 'string', description: '`nextCursor` of the page before' },
            state: { type: 'string', enum: STATES },
          },
        },
        tags,
      },
    },
    async ({ query }) => {
      const cursor = Number(query.cursor ?? 0);
      if (!Number.isSafeInteger(cursor) || cursor < 0) {
        throw badRequest('bad-cursor', 'cursor must be the nextCursor of another page');
      }
      const page = parts.documents.list({ ...query, cursor, state: query.state ?? null });
      return { ...page, ...parts.documents.counts() };
    },
  );

  const noSuchDocument = (id: string) =>
    new Refusal(404, 'no-such-document', `there is no document ${JSON.stringify(id)}`);

  app.get<{ Params: { id: string } }>(
    `${PATH}/:id`,
    { schema: { summary: 'One document and its rows', tags } },
    async ({ params }) => {
      const document = parts.documents.get(params.id);
      if (!document) throw noSuchDocument(params.id);
      return document;
    },
  );

  app.delete<{ Params: { id: string } }>(
    `${PATH}/:id`,
    { schema: { summary: 'Delete a document: after 204 it is never found again', tags } },
    async ({ params }, reply) => {
      if (!(await parts.deletion.remove(params.id))) throw noSuchDocument(params.id);
      return reply.code(204).send();
    },
  );
}
