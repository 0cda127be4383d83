/** `/api/v1/chat`: one turn of a conversation, streamed. */
import type { FastifyInstance } from 'fastify';
import { openEventStream } from '../chat/sse.ts';
import { TOOL_NAMES } from '../chat/tools.ts';
import type { TurnRequest } from '../chat/turns.ts';
import type { Parts } from '../parts.ts';
import { Refusal } from '../refusal.ts';
import { answers, BODY_FAILURES, object, oneOf, text } from './schemas.ts';

/** An event of the stream: `data` is JSON. */
const event = object({ event: oneOf(['session', 'delta', 'tool', 'done', 'error']), data: text });

const EVENTS = [
  '`session` {sessionId, turnId}: first',
  '`delta` {path, text}: more of the answer; path is `answer`, or the path of a string in it',
  '`tool` {name, result}: the result of a tool call',
  '`done` {messageId}: last; the answer is complete and stored',
  '`error` {code, message}: last; there is no answer',
];

export function chatRoutes(app: FastifyInstance, parts: Parts): void {
  const { config } = parts;
  app.post<{ Body: Omit<TurnRequest, 'sessionId'> & { sessionId?: string } }>(
    '/api/v1/chat',
    {
      schema: {
        summary: 'Send a message, and get the answer as a stream of events',
        description: `Comments are heartbeats. Events: ${EVENTS.join('; ')}.`,
        body: {
          type: 'object',
          required: ['message'],
          additionalProperties: false,
          properties: {
            sessionId: {
              type: 'string',
              description: 'of an existing session; without it a new one is created',
            },
            message: { type: 'string', minLength: 1, maxLength: 60_000 },
            format: { ...oneOf(['text', 'steps']), default: 'text' },
            tools: {
              type: 'array',
              items: oneOf(TOOL_NAMES),
              uniqueItems: true,
              default: [],
              description: 'tools that the model may use',
            },
          },
        },
        response: answers(
          { 200: { description: 'Events', content: { 'text/event-stream': { schema: event } } } },
          ...BODY_FAILURES,
          404,
          504,
        ),
        tags: ['chat'],
      },
    },
    async ({ body }, reply) => {
      using scope = parts.scopes.open(reply, 'turn');
      using _place = parts.turnPlaces.enter();
      using turn = await parts.turns.begin({ ...body, sessionId: body.sessionId ?? null }, scope);
      using stream = openEventStream(reply, {
        heartbeatMs: config.heartbeatMs,
        bufferBytes: config.clientBufferBytes,
        onSlow: () => scope.end(new Refusal(499, 'client-too-slow', 'the client does not read')),
      });
      await turn.run(stream);
    },
  );
}
