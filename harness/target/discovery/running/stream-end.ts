/** How a stream ended when nothing was wrong: a cut one is recognized by the difference. */
import { createParser } from 'eventsource-parser';
import type { OperationConfig } from '../../config/config.ts';
import type { StreamEvent, StreamFormat } from '../../operations/stream-spec.ts';

/** The format that an answer says it has; null for one that comes whole. */
export function streamFormat(headers: Readonly<Record<string, string>>): StreamFormat | null {
  const type = headers['content-type'] ?? '';
  if (/^text\/event-stream/i.test(type)) return 'sse';
  return /^application\/(x-ndjson|ndjson|jsonl|x-jsonlines|stream\+json)/i.test(type)
    ? 'ndjson'
    : null;
}

const ENDINGS =
  /^(done|end|ended|complete|completed|finish|finished|close|message_stop|response\.completed)$/i;

/** The stream of an operation, with its right end where its last event plainly is one. */
export function streamConfig(
  format: StreamFormat,
  text: string,
): NonNullable<OperationConfig['stream']> {
  if (format !== 'sse') return format;
  let last: StreamEvent | null = null;
  const parser = createParser({
    onEvent: ({ event = '', data }) => {
      last = { event, data };
    },
  });
  parser.feed(text);
  const { event, data } = (last as StreamEvent | null) ?? { event: '', data: '' };
  if (data === '[DONE]') return { format, ends: '[DONE]' };
  return ENDINGS.test(event) ? { format, ends: event } : format;
}
