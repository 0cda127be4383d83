/** `/api/v1/knowledge/documents`: upload, list, read, delete. */
import type { FastifyInstance } from 'fastify';
import { STATES, type State } from '../documents/states.ts';
import type { Parts } from '../parts.ts';
import { Refusal } from '../refusal.ts';
import {
  answers,
  array,
  BODY_FAILURES,
  countsOf,
  integer,
  json,
  object,
  oneOf,
  orNull,
  page,
  text,
} from './schemas.ts';
import { FILE_PATTERN, TITLE_PATTERN } from './upload.ts';

const PATH = '/api/v1/knowledge/documents';
const tags = ['documents'];

const accepted = object({ id: text, topics: integer });
const state = oneOf(STATES);
const summary = {
  id: text,
  title: text,
  state,
  topics: integer,
  bytes: integer,
  createdAt: { type: 'string', format: 'date-time' },
};
const row = object({
  id: text,
  topic: text,
  state,
  attempts: integer,
  lastError: orNull('string'),
  claimAgeMs: orNull('number'),
});
const params = { type: 'object', properties: { id: text }, required: ['id'] };

export function documentRoutes(app: FastifyInstance, parts: Parts): void {
  app.post(
    PATH,
    {
      // The body is a form: upload.ts reads and checks it while it arrives.
      validatorCompiler: () => () => true,
      schema: {
        summary: 'Upload a document: a file (UTF-8 text) and a title',
        description:
          '201 means that it is durable; it is indexed afterwards. 503: try again later.',
        consumes: ['multipart/form-data'],
        body: {
          type: 'object',
          required: ['title', 'file'],
          properties: {
            title: { type: 'string', maxLength: 300, pattern: TITLE_PATTERN.source },
            file: {
              type: 'string',
              pattern: FILE_PATTERN.source,
              description: 'UTF-8 text, as a file or as a plain field; the limit counts in bytes',
            },
          },
        },
        response: answers(
          { 201: json('Durable', accepted, { location: text }) },
          ...BODY_FAILURES,
          502,
          504,
        ),
        tags,
      },
    },
    async (request, reply) => {
      using scope = parts.scopes.open(reply);
      using _place = parts.admission.enter();
      const upload = await parts.readUpload(request, scope);
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
          additionalProperties: false,
          properties: { ...page(200), state },
        },
        response: answers({
          200: json(
            'A page, the oldest first',
            object({
              items: array(object(summary)),
              nextCursor: orNull('string'),
              documents: countsOf(STATES),
              rows: countsOf(STATES),
            }),
          ),
        }),
        tags,
      },
    },
    async ({ query }) => {
      const cursor = Number(query.cursor ?? 0);
      const found = parts.documents.list({ ...query, cursor, state: query.state ?? null });
      return { ...found, ...parts.documents.counts() };
    },
  );

  const noSuchDocument = (id: string) =>
    new Refusal(404, 'no-such-document', `there is no document ${JSON.stringify(id)}`);

  app.get<{ Params: { id: string } }>(
    `${PATH}/:id`,
    {
      schema: {
        summary: 'One document and its rows',
        params,
        response: answers(
          { 200: json('The document', object({ ...summary, rows: array(row) })) },
          404,
        ),
        tags,
      },
    },
    async ({ params }) => {
      const document = parts.documents.get(params.id);
      if (!document) throw noSuchDocument(params.id);
      return document;
    },
  );

  app.delete<{ Params: { id: string } }>(
    `${PATH}/:id`,
    {
      schema: {
        summary: 'Delete a document: after 204 it is never found again',
        params,
        response: answers({ 204: { description: 'Deleted', type: 'null' } }, 404, ...BODY_FAILURES),
        tags,
      },
    },
    async ({ params }, reply) => {
      if (!(await parts.deletion.remove(params.id))) throw noSuchDocument(params.id);
      return reply.code(204).send();
    },
  );
}
