/** `/api/v1/tasks`: work in the background, for a session. */
import type { FastifyInstance } from 'fastify';
import type { Parts } from '../parts.ts';
import { Refusal } from '../refusal.ts';
import { untilAborted } from '../scope.ts';
import { noSuchSession } from '../sessions/sessions.ts';
import { TASK_KINDS, TASK_STATES, type TaskInput } from '../tasks/task.ts';
import { answers, array, BODY_FAILURES, countsOf, json, object, oneOf, text } from './schemas.ts';

const PATH = '/api/v1/tasks';
const tags = ['tasks'];
const params = { type: 'object', properties: { id: text }, required: ['id'] };
const task = {
  type: 'object',
  required: ['id', 'kind', 'sessionId', 'state', 'createdAt', 'endedAt', 'result', 'error'],
  properties: {
    id: text,
    kind: oneOf(TASK_KINDS),
    sessionId: text,
    pattern: text,
    state: oneOf(TASK_STATES),
    createdAt: { type: 'string', format: 'date-time' },
    endedAt: { type: ['string', 'null'], format: 'date-time' },
    result: {},
    error: { oneOf: [object({ code: text, message: text }), { type: 'null' }] },
  },
};
const sessionId = text;
const pattern = { type: 'string', minLength: 1, maxLength: 200 };

const noSuchTask = (id: string) =>
  new Refusal(404, 'no-such-task', `there is no task ${JSON.stringify(id)}`);

export function taskRoutes(app: FastifyInstance, parts: Parts): void {
  app.post<{ Body: TaskInput }>(
    PATH,
    {
      schema: {
        summary: 'Start a task: summarise a session, or find a pattern in it',
        description:
          'It always ends: done, failed or cancelled, which is also published as an event.',
        body: {
          oneOf: [
            inputSchema('summarize', { sessionId }),
            inputSchema('find', { sessionId, pattern }),
          ],
        },
        response: answers(
          { 202: json('Accepted', task, { location: text }) },
          ...BODY_FAILURES,
          404,
        ),
        tags,
      },
    },
    async ({ body }, reply) => {
      if ((await parts.sessions.read(body.sessionId)) === null) throw noSuchSession(body.sessionId);
      const begun = parts.tasks.submit(body);
      return reply.code(202).header('location', `${PATH}/${begun.id}`).send(begun);
    },
  );

  app.get<{ Querystring: { limit: number } }>(
    PATH,
    {
      schema: {
        summary: 'The latest tasks, the newest first, and how many there are in each state',
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: { limit: { type: 'integer', minimum: 1, maximum: 1000, default: 50 } },
        },
        response: answers({
          200: json('Tasks', object({ items: array(task), tasks: countsOf(TASK_STATES) })),
        }),
        tags,
      },
    },
    async ({ query }) => {
      const all = parts.tasks.list();
      const tasks = Object.fromEntries(TASK_STATES.map((state) => [state, 0]));
      for (const { state } of all) tasks[state] = (tasks[state] ?? 0) + 1;
      return { items: all.slice(0, query.limit), tasks };
    },
  );

  app.get<{ Params: { id: string } }>(
    `${PATH}/:id`,
    {
      schema: {
        summary: 'One task',
        params,
        response: answers({ 200: json('The task', task) }, 404),
        tags,
      },
    },
    async ({ params }) => {
      const found = parts.tasks.get(params.id);
      if (!found) throw noSuchTask(params.id);
      return found;
    },
  );

  app.post<{ Params: { id: string } }>(
    `${PATH}/:id/cancel`,
    {
      schema: {
        summary: 'Cancel a task; one that has ended already stays as it is',
        params,
        response: answers({ 200: json('The task as it ended', task) }, ...BODY_FAILURES, 404, 504),
        tags,
      },
    },
    async ({ params }, reply) => {
      using scope = parts.scopes.open(reply);
      const ended = await untilAborted(parts.tasks.cancel(params.id), scope.signal);
      if (!ended) throw noSuchTask(params.id);
      return reply.send(ended);
    },
  );
}

function inputSchema(kind: string, properties: Record<string, object>): object {
  return {
    type: 'object',
    required: ['kind', ...Object.keys(properties)],
    additionalProperties: false,
    properties: { kind: { type: 'string', const: kind }, ...properties },
  };
}
