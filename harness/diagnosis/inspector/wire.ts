/** Commands and events of the inspector's protocol over one WebSocket. Every wait has an end. */
import type { ProtocolMapping } from 'devtools-protocol/types/protocol-mapping.js';
import { HanglabError, messageOf } from '../../platform/errors.ts';

export type Commands = ProtocolMapping.Commands;
export type Events = ProtocolMapping.Events;

const CONNECTING_MS = 10_000;
const ANSWER_MS = 10_000;

export interface Wire {
  /** @throws HanglabError `inspector-failed` when the command is refused, `inspector-silent` when it is late. */
  send<M extends keyof Commands>(
    method: M,
    params?: Commands[M]['paramsType'][0],
    timeoutMs?: number,
  ): Promise<Commands[M]['returnType']>;
  on<E extends keyof Events>(event: E, listener: (params: Events[E][0]) => void): void;
  /** Lets everything that waits fail with this reason. */
  fail(reason: string): void;
  /** Resolves when the other side has closed it. */
  readonly closed: Promise<true>;
  hangUp(): void;
}

interface Message {
  id?: number;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { message: string };
}

/** @throws HanglabError `no-inspector` when nothing takes the connection within ten seconds. */
export async function openWire(url: string): Promise<Wire> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, (message: Message) => void>();
  const listeners = new Map<string, ((params: never) => void)[]>();
  let lastId = 0;
  const fail = (reason: string) => {
    for (const settle of [...waiting.values()]) settle({ error: { message: reason } });
  };
  /** Whoever listens reads what another process has sent: what is malformed ends the conversation, and not hanglab. */
  const hear = (message: Message | null) => {
    try {
      for (const listener of listeners.get(message?.method ?? '') ?? [])
        listener(message?.params as never);
    } catch (error) {
      fail(`${message?.method} could not be read: ${messageOf(error)}`);
    }
  };
  const closed = new Promise<true>((resolve) => {
    socket.addEventListener('close', () => {
      fail('connection closed');
      resolve(true);
    });
  });
  socket.addEventListener('message', ({ data }) => {
    const message = parsed(data);
    if (message?.id !== undefined) waiting.get(message.id)?.(message);
    else hear(message);
  });
  await opened(socket, url);
  return {
    closed,
    fail,
    on(event, listener) {
      listeners.set(event, [...(listeners.get(event) ?? []), listener]);
    },
    hangUp: () => socket.close(),
    send: (method, params, timeoutMs = ANSWER_MS) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        const settle = ({ error, result }: Message) => {
          clearTimeout(timer);
          waiting.delete(id);
          if (error) reject(new HanglabError('inspector-failed', `${method}: ${error.message}`));
          else resolve(result as never);
        };
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(
            new HanglabError('inspector-silent', `${method} was not answered in ${timeoutMs} ms.`),
          );
        }, timeoutMs);
        waiting.set(id, settle);
        if (socket.readyState === WebSocket.OPEN)
          socket.send(JSON.stringify({ id, method, params: params ?? {} }));
        else settle({ error: { message: 'connection closed' } });
      }),
  };
}

function opened(socket: WebSocket, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (why: string) => {
      clearTimeout(timer);
      socket.close();
      reject(new HanglabError('no-inspector', `The inspector at ${new URL(url).host} ${why}.`));
    };
    const timer = setTimeout(() => refuse('did not take the connection'), CONNECTING_MS);
    socket.addEventListener('error', () => refuse('refused the connection'));
    socket.addEventListener('open', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** What is no JSON is from no inspector, and is passed over. */
function parsed(data: unknown): Message | null {
  try {
    return JSON.parse(String(data)) as Message;
  } catch {
    return null;
  }
}
