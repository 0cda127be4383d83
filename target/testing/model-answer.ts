/** The answers of the test model, good ones and every kind of bad one that tests need. */
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { hash32 } from '../../harness/platform/random.ts';

export interface ModelRequest {
  link: 'llm' | 'embeddings';
  /** The name of the JSON schema asked for; null for embeddings and for plain text. */
  schema: string | null;
  subject: string | null;
  /** The last message, or all texts to embed. */
  text: string;
  /** The roles of all messages, and their joined text. */
  roles: string[];
  prompt: string;
  /** The names of the offered tools. */
  tools: string[];
  /** The number of earlier requests, of any kind. */
  index: number;
}

/** How a request is answered. By default: at once, with a good answer. */
export interface Behaviour {
  delayMs?: number;
  /** Never answers, not even headers. */
  hold?: boolean;
  /** Sends this many pieces, then nothing, with the connection open. */
  silentAfter?: number;
  /** Sends this many pieces, then ends the answer as if it were complete. */
  endAfter?: number;
  /** Sends this many pieces, then closes its side of the connection. */
  closeAfter?: number;
  /** Sends this many pieces, then resets the connection. */
  resetAfter?: number;
  status?: number;
  retryAfterS?: number;
  /** Bytes of the body of an answer with a `status`. */
  errorBytes?: number;
  /** A 200 that is not what was asked for. */
  garbage?: boolean;
  /** Pieces of one byte, at this interval, for ever. */
  dripEveryMs?: number;
  /** Comments at this interval, and no content, for ever. */
  heartbeatEveryMs?: number;
  /** The reply in a conversation; a short sentence by default. */
  reply?: ScriptedReply;
}

export interface ScriptedReply {
  text?: string;
  /** Characters of the text in each chunk. */
  chunkCharacters?: number;
  calls?: { name: string; arguments: string }[];
  /** Pause between chunks; without it all are sent at once. */
  everyMs?: number;
  /** Chunks sent between two pauses. */
  chunksAtOnce?: number;
  finishReason?: string;
}

const DIMENSIONS = 256;

export async function answer(
  response: ServerResponse,
  request: ModelRequest,
  input: readonly string[],
  behaviour: Behaviour,
): Promise<void> {
  if (behaviour.hold) return;
  if (behaviour.delayMs) await sleep(behaviour.delayMs);
  if (behaviour.status) return refuse(response, behaviour);
  const pieces = behaviour.garbage ? ['<html>'] : piecesOf(request, input, behaviour.reply);
  const type = request.link === 'llm' ? 'text/event-stream' : 'application/json';
  response.writeHead(200, { 'content-type': type });
  if (behaviour.heartbeatEveryMs) {
    return forever(response, behaviour.heartbeatEveryMs, ': alive\n\n');
  }
  if (behaviour.dripEveryMs) return forever(response, behaviour.dripEveryMs, ' ');
  const { everyMs, chunksAtOnce = 1 } = behaviour.reply ?? {};
  for (const [i, piece] of pieces.entries()) {
    if (i === behaviour.silentAfter) return;
    if (i === behaviour.endAfter) return void response.end();
    if (i === behaviour.closeAfter) return void response.socket?.end();
    if (i === behaviour.resetAfter) return void response.socket?.resetAndDestroy();
    if (response.destroyed) return;
    response.write(piece);
    if (everyMs && i % chunksAtOnce === chunksAtOnce - 1) await sleep(everyMs);
  }
  response.end();
}

function refuse(response: ServerResponse, behaviour: Behaviour): void {
  const { status = 500, retryAfterS, errorBytes = 0 } = behaviour;
  if (retryAfterS) response.setHeader('retry-after', retryAfterS);
  response.writeHead(status);
  response.end(JSON.stringify({ error: { message: `as asked ${'x'.repeat(errorBytes)}` } }));
}

function forever(response: ServerResponse, everyMs: number, piece: string): void {
  const timer = setInterval(() => response.write(piece), everyMs);
  response.once('close', () => clearInterval(timer));
  response.write(piece);
}

function piecesOf(
  request: ModelRequest,
  input: readonly string[],
  reply: ScriptedReply | undefined,
): string[] {
  if (request.link === 'embeddings') {
    const data = input.map((text, index) => ({ index, embedding: embed(text) }));
    const json = JSON.stringify({ data });
    return [json.slice(0, 40), json.slice(40)];
  }
  const { text = contentFor(request), chunkCharacters = 24, calls = [] } = reply ?? {};
  const chunk = (delta: object, finish: string | null) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const called = calls.flatMap(({ name, arguments: whole }, index) => [
    { index, id: `call_${index}`, type: 'function', function: { name, arguments: '' } },
    ...cut(whole, chunkCharacters).map((part) => ({ index, function: { arguments: part } })),
  ]);
  const finish = reply?.finishReason ?? (calls.length > 0 ? 'tool_calls' : 'stop');
  const content = calls.length > 0 && reply?.text === undefined ? [] : cut(text, chunkCharacters);
  return [
    ...content.map((part) => chunk({ content: part }, null)),
    ...called.map((call) => chunk({ tool_calls: [call] }, null)),
    chunk({}, finish),
    'data: [DONE]\n\n',
  ];
}

function cut(text: string, characters: number): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; at += characters) parts.push(text.slice(at, at + characters));
  return parts;
}

function contentFor(request: ModelRequest): string {
  const sentences = request.text.split(/(?<=[.!?])\s+/).filter((text) => text.length > 3);
  if (request.schema === 'topics') {
    const topics = thirds(sentences).map((text, i) => ({ title: `Topic ${i + 1}`, text }));
    return JSON.stringify({ topics });
  }
  if (request.schema === 'facts') return JSON.stringify({ facts: sentences.slice(0, 3) });
  if (request.schema === 'steps') {
    return JSON.stringify({ thoughts: ['I look at it.', 'I say it.'], answer: 'It is so.' });
  }
  return `You said ${request.text.length} characters.`;
}

/** The document in three topics of up to 600 characters. */
function thirds(sentences: string[]): string[] {
  const third = Math.ceil(sentences.length / 3);
  return [0, 1, 2]
    .map((i) =>
      sentences
        .slice(i * third, (i + 1) * third)
        .join(' ')
        .slice(0, 600),
    )
    .map((text) => text || 'Nothing more.');
}

/** Hashes words to dimensions: texts with the same words are near each other. */
function embed(text: string): number[] {
  const vector = new Array<number>(DIMENSIONS).fill(0);
  for (const word of text.toLowerCase().match(/[a-z0-9]+/g) ?? []) {
    const place = hash32(word) % DIMENSIONS;
    vector[place] = (vector[place] as number) + 1;
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}
