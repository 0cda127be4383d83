/** `/api/v1/sessions`: create or import, list, read, delete. */
import type { FastifyInstance } from 'fastify';
import type { Parts } from '../parts.ts';
import { newMessage } from '../sessions/entries.ts';
import { noSuchSession } from '../sessions/sessions.ts';
import {
  answers,
  array,
  BODY_FAILURES,
  integer,
  json,
  object,
  oneOf,
  orNull,
  page,
  text,
} from './schemas.ts';

const PATH = '/api/v1/sessions';
const tags = ['sessions'];
const params = { type: 'object', properties: { id: text }, required: ['id'] };
const title = { type: 'string', minLength: 1, maxLength: 300 };
const time = { type: 'string', format: 'date-time' };
const stats = { messages: integer, characters: integer, tokens: integer };
const summary = object({
  id: text,
  title: text,
  bytes: integer,
  createdAt: time,
  updatedAt: time,
  ...stats,
});
const message = {
  type: 'object',
  required: ['id', 'role', 'text', 'at'],
  properties: {
    id: text,
    role: oneOf(['user', 'assistant', 'tool']),
    text,
    at: time,
    calls: array(object({ id: text, name: text, arguments: text })),
    callId: text,
  },
};
const note = object({ title: text, text, at: time });

/** Most messages of a session in one answer. */
const MOST_MESSAGES = 1000;

interface NewSession {
  title: string;
  messages: { role: 'user' | 'assistant'; text: string }[];
}

export function sessionRoutes(app: FastifyInstance, parts: Parts): void {
  app.post<{ Body: NewSession }>(
    PATH,
    {
      bodyLimit: parts.config.sessionBytes,
      schema: {
        summary: 'Create a session, empty or with earlier messages',
        body: {
          type: 'object',
          additionalProperties: false,
          properties: {
            title: { ...title, default: 'Untitled' },
            messages: {
              type: 'array',
              maxItems: 10_000,
              default: [],
              items: {
                type: 'object',
                required: ['role', 'text'],
                additionalProperties: false,
                properties: { role: oneOf(['user', 'assistant']), text },
              },
            },
          },
        },
        response: answers(
          { 201: json('On the disk', object({ id: text }), { location: text }) },
          ...BODY_FAILURES,
        ),
        tags,
      },
    },
    async ({ body }, reply) => {
      const messages = body.messages.map(({ role, text }) => newMessage(role, text));
      const id = await parts.sessions.create(body.title, messages);
      return reply.code(201).header('location', `${PATH}/${id}`).send({ id });
    },
  );

  app.get<{ Querystring: { limit: number; cursor?: string } }>(
    PATH,
    {
      schema: {
        summary: 'List the sessions, last changed first',
        querystring: { type: 'object', additionalProperties: false, properties: page(2000) },
        response: answers({
          200: json(
            'A page',
            object({
              items: array(summary),
              nextCursor: orNull('string'),
              sessions: integer,
              bytes: integer,
            }),
          ),
        }),
        tags,
      },
    },
    async ({ query }) => {
      const all = await parts.sessions.list();
      const from = Number(query.cursor ?? 0);
      const items = all.slice(from, from + query.limit);
      const next = from + items.length;
      return {
        items,
        nextCursor: items.length > 0 && next < all.length ? String(next) : null,
        sessions: all.length,
        bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
      };
    },
  );

  app.get<{ Params: { id: string }; Querystring: { limit: number; cursor?: string } }>(
    `${PATH}/:id`,
    {
      schema: {
        summary: 'One session: its notes, and its messages, oldest first',
        params,
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: page(MOST_MESSAGES),
        },
        response: answers(
          {
            200: json(
              'The session, with a page of its messages',
              object({
                id: text,
                title: text,
                createdAt: text,
                stats: object(stats),
                notes: array(note),
                items: array(message),
                nextCursor: orNull('string'),
              }),
            ),
          },
          404,
        ),
        tags,
      },
    },
    async ({ params, query }) => {
      const session = await parts.sessions.read(params.id);
      if (session === null) throw noSuchSession(params.id);
      const { id, title, createdAt, notes, messages } = session;
      const from = Number(query.cursor ?? 0);
      const items = messages.slice(from, from + query.limit);
      const next = from + items.length;
      const nextCursor = items.length > 0 && next < messages.length ? String(next) : null;
      return { id, title, createdAt, stats: session.stats, notes, items, nextCursor };
    },
  );

  app.delete<{ Params: { id: string } }>(
    `${PATH}/:id`,
    {
      schema: {
        summary: 'Delete a session; a turn in progress ends with an error',
        params,
        response: answers({ 204: { description: 'Deleted', type: 'null' } }, 404, ...BODY_FAILURES),
        tags,
      },
    },
    async ({ params }, reply) => {
      if (!(await parts.sessions.remove(params.id))) throw noSuchSession(params.id);
      return reply.code(204).send();
    },
  );
}
