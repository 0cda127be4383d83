/** What the bundled server offers besides documents: chat, sessions, events and tasks, as a config declares them. */
import type { OperationConfig } from '../../harness/target/config/config.ts';
import type { Input } from '../../harness/target/operations/input.ts';

const CHAT = '/api/v1/chat';
const SESSIONS = '/api/v1/sessions';
const TASKS = '/api/v1/tasks';

const turn = { format: 'sse', ends: 'done', failed: 'error' } as const;
/** The answer to a short message is short, so its end is waited for as for any other request. */
const SHORT = { request: '2s', idle: '2s' } as const;
/** A long one is judged by its silences. */
const LONG = { firstByte: '2s', idle: '1s' } as const;
/** A stream of events is silent when nothing happens. */
const SILENT = { firstByte: '1h', idle: '1h' } as const;
/** Of a message in a session that is imported. */
const MESSAGE_CHARACTERS = 400;

/** A background task of a session, accepted at once and followed to its end. */
const task = (json: Readonly<Record<string, string>>) =>
  ({
    post: TASKS,
    idOf: 'session',
    json,
    good: 202,
    id: '$.id',
    done: {
      get: `${TASKS}/\${id}`,
      until: { '$.state': ['done', 'cancelled'] },
      failed: { '$.state': 'failed' },
    },
  }) as const;

export const conversations: Readonly<Record<string, OperationConfig>> = {
  chat: { post: CHAT, json: { message: '${text}' }, stream: turn, limits: SHORT },
  note: {
    post: CHAT,
    json: { message: 'Add a note: ${sentence}', tools: ['add_note'] },
    stream: turn,
    limits: SHORT,
  },
  continue: {
    post: CHAT,
    idOf: 'session',
    json: { sessionId: '${id}', message: '${text}' },
    stream: turn,
    limits: SHORT,
  },
  longAnswer: {
    post: CHAT,
    json: { message: '${text}' },
    stream: turn,
    limits: LONG,
  },
  longContinue: {
    post: CHAT,
    idOf: 'session',
    json: { sessionId: '${id}', message: '${text}' },
    stream: turn,
    limits: LONG,
  },
  longSteps: {
    post: CHAT,
    json: { message: '${text}', format: 'steps' },
    stream: turn,
    limits: LONG,
  },
  events: {
    get: '/api/v1/events',
    stream: { format: 'websocket', endless: true },
    limits: SILENT,
  },
  session: { post: SESSIONS, json: imported, good: 201, id: '$.id' },
  sessions: { get: `${SESSIONS}?limit=50` },
  summarize: task({ kind: 'summarize', sessionId: '${id}' }),
  find: task({ kind: 'find', sessionId: '${id}', pattern: 'hanglab-\\d+' }),
  /** A pattern that backtracks for years: a worker is busy until its limit ends it. */
  findForever: task({ kind: 'find', sessionId: '${id}', pattern: '^(\\w+\\s?)+\\|$' }),
};

/** A session with the document as its earlier messages. */
function imported({ title, sentence, document }: Input) {
  const texts = document.match(new RegExp(`[\\s\\S]{1,${MESSAGE_CHARACTERS}}`, 'g')) ?? [];
  const messages = [sentence, ...texts].map((text, n) => ({
    role: n % 2 === 0 ? 'user' : 'assistant',
    text,
  }));
  return { title, messages };
}
