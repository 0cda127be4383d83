/** Answers from a recording: the same bytes, at the same pace or a multiple of it. */
import { type Answer, bodyAnswer, encoded } from '../answers/answer.ts';
import { createRouter } from '../protocols/router.ts';
import { SSE_COMMENT, sse } from '../protocols/sse.ts';
import { type Incoming, type Understood, understand } from '../server/understand.ts';
import type { RecordedExchange } from './recording.ts';
import { redactPath, redactText } from './redact.ts';

interface Take {
  exchange: RecordedExchange;
  lastText: string;
}

/**
 * A request gets what the same body was answered at that path, the first time the first answer and so
 * on; failing that, what the same last message was answered. There is no answer to any other.
 */
export function replayFrom(
  exchanges: readonly RecordedExchange[],
  timeScale: number,
): (incoming: Incoming) => Understood {
  const router = createRouter();
  const byBody = new Map<string, Take[]>();
  const byLastText = new Map<string, Take[]>();
  for (const exchange of exchanges) {
    const { method, path, headers, body } = exchange.request;
    const recorded = { method, url: path, headers } as Incoming['request'];
    const asked = understand(
      {
        request: recorded,
        method,
        path: pathOf(path),
        body: Buffer.from(body),
        requestId: '',
        apiKey: undefined,
      },
      router,
    );
    const take = { exchange, lastText: asked.question.lastText };
    addTo(byBody, keyOf(method, path, canonical(body)), take);
    if (take.lastText !== '') addTo(byLastText, keyOf(method, path, take.lastText), take);
  }

  return (incoming) => {
    const understood = understand(incoming, router);
    const { method } = incoming;
    const path = redactPath(incoming.request.url ?? '/');
    const body = canonical(redactText(incoming.body?.toString('utf8') ?? ''));
    const { lastText } = understood.question;
    const take =
      next(byBody, keyOf(method, path, body)) ?? next(byLastText, keyOf(method, path, lastText));
    const { provider, question } = understood;
    if (take === undefined) {
      const message = `The recording has no answer to this ${method} ${path}.`;
      const answer = () =>
        provider.error(404, { message, code: 'not_recorded' }, incoming.requestId);
      return { ...understood, question: { ...question, answer }, isScripted: true };
    }
    const answer = recordedAnswer(take.exchange, timeScale);
    return { ...understood, question: { ...question, answer: () => answer }, isScripted: true };
  };
}

function addTo(takes: Map<string, Take[]>, key: string, take: Take): void {
  const list = takes.get(key);
  if (list) list.push(take);
  else takes.set(key, [take]);
}

/** Those of one kind in their order; the last of them again and again. */
function next(takes: Map<string, Take[]>, key: string): Take | undefined {
  const list = takes.get(key);
  return list && list.length > 1 ? list.shift() : list?.[0];
}

const pathOf = (url: string): string => url.split('?')[0] as string;

const keyOf = (method: string, path: string, about: string): string =>
  JSON.stringify([method, path, about]);

/** The order of its keys and its white space make no difference to a body. */
function canonical(body: string): string {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
  };
  try {
    return JSON.stringify(sorted(JSON.parse(body)));
  } catch {
    return body;
  }
}

function recordedAnswer({ response }: RecordedExchange, timeScale: number): Answer {
  const { status, headers, chunks, encoding } = response;
  const type = headers['content-type'] ?? '';
  const isLines = /ndjson/.test(type);
  if (!isLines && !/event-stream/.test(type)) {
    const bytes = Buffer.concat(chunks.map(([, data]) => Buffer.from(data, encoding)));
    const answer = bodyAnswer(status, type, bytes);
    const dueMs = (chunks.at(-1)?.[0] ?? 0) * timeScale;
    const due = Array.from({ length: answer.pieces.length }, () => dueMs);
    return { ...answer, headers, dueMs: due };
  }
  const events = eventsOf(chunks, isLines ? '\n' : '\n\n');
  const comment = isLines ? '\n' : SSE_COMMENT;
  return {
    status,
    headers,
    pieces: encoded(
      events,
      ({ text }) => text,
      ({ text }) => (/^data: \[DONE\]/.test(text) ? 0 : 1),
    ),
    completionTokens: events.length,
    streamed: true,
    interjections: {
      comment,
      'empty-delta': comment,
      brokenEvent: isLines ? '{"cut\n' : 'data: {"cut\n\n',
      error: (error) =>
        isLines ? `${JSON.stringify({ error: error.message })}\n` : sse({ error }, 'error'),
    },
    dueMs: events.map(({ ms }) => ms * timeScale),
  };
}

/** Whole events, each at the time of the chunk that brought its end. */
function eventsOf(chunks: readonly [number, string][], end: string) {
  const events: { ms: number; text: string }[] = [];
  let open = '';
  for (const [ms, data] of chunks) {
    const parts = (open + data).split(end);
    open = parts.pop() ?? '';
    for (const part of parts) events.push({ ms, text: part + end });
  }
  if (open !== '') events.push({ ms: chunks.at(-1)?.[0] ?? 0, text: open });
  return events;
}
