/** From what arrives on a stream to its events, for each format. */
import { createParser } from 'eventsource-parser';
import { objectIn, type StreamEvent, type StreamFormat } from './stream-spec.ts';

/** A line that never ends is not an event. */
const MAX_LINE_CHARACTERS = 1_000_000;

/** @returns what takes the next piece: bytes, or a whole message of a WebSocket. */
export function streamParser(
  format: StreamFormat,
  onEvent: (event: StreamEvent) => void,
): (piece: Uint8Array | string) => void {
  const decoder = new TextDecoder();
  const text = (piece: Uint8Array | string): string =>
    typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
  if (format === 'sse') {
    const parser = createParser({ onEvent: ({ event = '', data }) => onEvent({ event, data }) });
    return (piece) => parser.feed(text(piece));
  }
  const whole = (data: string): void => onEvent({ event: nameIn(data), data });
  if (format === 'websocket') return (piece) => whole(text(piece));
  let rest = '';
  return (piece) => {
    const lines = (rest + text(piece)).split('\n');
    rest = (lines.pop() ?? '').slice(-MAX_LINE_CHARACTERS);
    for (const line of lines) if (line.trim() !== '') whole(line.trim());
  };
}

function nameIn(data: string): string {
  if (!data.startsWith('{')) return '';
  const { event, type } = objectIn(data);
  const name = event ?? type;
  return typeof name === 'string' ? name : '';
}
