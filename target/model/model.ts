/** What the server asks the model for: topics, facts, embeddings, and replies in a conversation. */
import { z } from 'zod';
import type { Config } from '../config/schema.ts';
import type { Lane } from '../lanes.ts';
import type { Scope } from '../scope.ts';
import { chatReader, embeddingsReader } from './answer.ts';
import type { Reply, ReplyListener, ReplyReader } from './reply.ts';
import type { Ask } from './retries.ts';

export interface Topic {
  title: string;
  text: string;
}

export interface Model {
  topics(document: { id: string; title: string; text: string }, call: Call): Promise<Topic[]>;
  facts(topic: Topic & { documentId: string }, call: Call): Promise<string[]>;
  /** One vector per text, in order. `subject`: the document they belong to, if any. */
  embed(texts: readonly string[], subject: string | null, call: Call): Promise<number[][]>;
  /** Passes the pieces on to the listener as they arrive. */
  reply(request: ReplyRequest, call: Call): Promise<Reply>;
}

/** A message in the OpenAI protocol. */
export interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string;
  tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

export interface ReplyRequest {
  /** The session it belongs to. */
  sessionId: string;
  messages: readonly ChatMessage[];
  tools: readonly { name: string; description: string; parameters: object }[];
  /** The JSON schema that the text must follow, with its name; null: free text. */
  schema: { name: string; schema: object } | null;
  listener: ReplyListener;
  /** As in `Question`. */
  passOn?(): Promise<void> | void;
}

export interface Call {
  lane: Lane;
  scope: Scope;
}

const topicsSchema = z.object({
  topics: z
    .array(z.object({ title: z.string().min(1), text: z.string().min(1) }))
    .min(1)
    .max(64),
});
const factsSchema = z.object({ facts: z.array(z.string().min(1)).max(256) });
const answerSchemas = {
  topics: z.toJSONSchema(topicsSchema),
  facts: z.toJSONSchema(factsSchema),
};

const INSTRUCTIONS = {
  topics:
    'Divide the document into its topics. For each give a short title and the text that says what the document states about it.',
  facts: 'List the atomic facts that the text states, each as one sentence that stands alone.',
};

export function modelOf(config: Config, ask: Ask, replies: ReplyReader): Model {
  const chat = <T>(
    name: 'topics' | 'facts',
    schema: z.ZodType<T>,
    user: string,
    text: string,
    call: Call,
  ) =>
    ask(
      {
        link: 'llm',
        path: '/chat/completions',
        body: {
          model: config.model,
          stream: true,
          user,
          messages: [
            { role: 'system', content: INSTRUCTIONS[name] },
            { role: 'user', content: text },
          ],
          response_format: {
            type: 'json_schema',
            json_schema: { name, schema: answerSchemas[name] },
          },
        },
        reader: () => chatReader(schema),
      },
      call.lane,
      call.scope,
    );

  return {
    async topics(document, call) {
      const text = `# ${document.title}\n\n${document.text}`;
      return (await chat('topics', topicsSchema, document.id, text, call)).topics;
    },
    async facts(topic, call) {
      const text = `# ${topic.title}\n\n${topic.text}`;
      return (await chat('facts', factsSchema, topic.documentId, text, call)).facts;
    },
    embed: (texts, subject, call) =>
      ask(
        {
          link: 'embeddings',
          path: '/embeddings',
          body: { model: config.embeddingsModel, user: subject ?? undefined, input: texts },
          reader: () => embeddingsReader(texts.length, config.dimensions),
        },
        call.lane,
        call.scope,
      ),
    reply(request, call) {
      let begun = false;
      const listener: ReplyListener = {
        text(piece) {
          begun = true;
          request.listener.text(piece);
        },
        argument(index, piece) {
          begun = true;
          request.listener.argument(index, piece);
        },
      };
      const { passOn } = request;
      return ask(
        {
          link: 'llm',
          path: '/chat/completions',
          body: bodyOf(config, request),
          reader: () => replies(listener),
          ...(passOn ? { passOn } : {}),
          begun: () => begun,
        },
        call.lane,
        call.scope,
      );
    },
  };
}

function bodyOf(config: Config, { sessionId, messages, tools, schema }: ReplyRequest): object {
  return {
    model: config.model,
    stream: true,
    user: sessionId,
    messages,
    ...(tools.length > 0
      ? { tools: tools.map((tool) => ({ type: 'function', function: tool })) }
      : {}),
    ...(schema ? { response_format: { type: 'json_schema', json_schema: schema } } : {}),
  };
}
