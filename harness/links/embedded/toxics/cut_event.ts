import { END, INTERRUPTED } from '../pipe/stub.ts';
import type { ToxicKind } from './toxic.ts';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const DATA_FIELD = 'data:';

interface State {
  /** Whole events that have passed. */
  events: number;
  /** Bytes that have passed since the last of them. */
  bytesAfter: number;
  /** Of the line under way: how many bytes, and the first of them. */
  lineBytes: number;
  lineStart: string;
  /** A line of data has come since the last empty line. */
  hasData: boolean;
}

/**
 * Closes the connection once `events` server-sent events, and `bytes` bytes more, have passed. An
 * event is what the standard calls one: lines with a `data:` among them, then an empty line; so
 * HTTP headers and the sizes of a chunked body are none.
 */
export const cutEvent: ToxicKind<{ events: number; bytes: number }> = {
  type: 'cut_event',
  typeName: 'CutEventToxic',
  attributes: { events: { type: 'int64', min: 0 }, bytes: { type: 'int64', min: 0 } },
  extra: true,
  async pipe(stub, { events, bytes }) {
    stub.state ??= { events: 0, bytesAfter: 0, lineBytes: 0, lineStart: '', hasData: false };
    const state = stub.state as State;
    while (state.events < events || state.bytesAfter < bytes) {
      const chunk = await stub.read();
      if (chunk === INTERRUPTED) return;
      if (chunk === END) return stub.close();
      let passing = scan(state, chunk.data, events);
      if (state.events >= events) {
        const more = Math.min(bytes - state.bytesAfter, chunk.data.length - passing);
        state.bytesAfter += more;
        passing += more;
      }
      await stub.write({ data: chunk.data.subarray(0, passing), receivedMs: chunk.receivedMs });
    }
    stub.close();
  },
};

/** How many bytes of `data` go until the last wanted event is whole; all when it is not. */
function scan(state: State, data: Uint8Array, events: number): number {
  if (state.events >= events) return 0;
  for (const [index, byte] of data.entries()) {
    if (byte === CARRIAGE_RETURN) continue;
    if (byte !== LINE_FEED) {
      if (state.lineBytes++ < DATA_FIELD.length) state.lineStart += String.fromCharCode(byte);
      continue;
    }
    if (state.lineBytes === 0 && state.hasData) {
      state.hasData = false;
      if (++state.events === events) return index + 1;
    }
    if (state.lineStart === DATA_FIELD) state.hasData = true;
    state.lineBytes = 0;
    state.lineStart = '';
  }
  return data.length;
}
