/** Sends a request whose answer is a stream, and reads it to its end or until its client leaves. */
import type { Limits } from '../history/events.ts';
import type { HttpClient } from '../target/operations/http.ts';
import type { Input } from '../target/operations/input.ts';
import type { Operation } from '../target/operations/operation.ts';
import { type StreamCourse, streamReader } from '../target/operations/stream.ts';
import { saysSuccess } from './answer-status.ts';
import { connectionErrorOf, type OpenRequest, type RequestOutcome } from './requests.ts';

export interface StreamOptions {
  client: HttpClient;
  limits: Limits;
  /** `monotonicMs()` when the run began. */
  startedAtMs: number;
}

/** Who only looks whether an endless stream works stays for so long. */
const LOOK_MS = 300;
const TELL_EVERY_MS = { least: 100, most: 1000 };

/** @param leave aborts when the client is to go on purpose: the outcome is `left`. */
export async function sendStream(
  { client, limits, startedAtMs }: StreamOptions,
  operation: Operation,
  input: Input,
  open: OpenRequest,
  leave: AbortSignal | null,
): Promise<RequestOutcome> {
  const { stream: spec } = operation;
  if (spec === null) throw new Error(`the operation ${operation.name} is no stream`);
  const own = { ...limits, ...operation.limits };
  const going = new AbortController();
  const signal = AbortSignal.any([open.signal, going.signal, ...(leave ? [leave] : [])]);
  const reader = streamReader(spec, tellEveryMs(own), ({ bytes, events, lastEventAtMs }) =>
    open.progress(bytes, events, lastEventAtMs),
  );
  let status: number | null = null;
  let look: NodeJS.Timeout | undefined;
  try {
    const wanted = operation.request(input);
    const answer =
      spec.format === 'websocket'
        ? await client.openWebSocket(wanted, signal)
        : await client.open(wanted, signal);
    status = answer.status;
    if (!saysSuccess(status)) {
      const whole = { status, headers: answer.headers, text: await answer.body.text() };
      return { outcome: 'failed', status, detail: operation.judge(whole, input).detail };
    }
    if (spec.endless && leave === null) look = setTimeout(() => going.abort(), LOOK_MS);
    const ended = await reader.read(answer.body);
    const stream = told(reader.course, startedAtMs);
    if (ended === 'right') return { outcome: 'ok', status, stream };
    return { outcome: 'failed', status, detail: WHY[ended], stream };
  } catch (error) {
    if (open.signal.aborted) throw error;
    const stream = told(reader.course, startedAtMs);
    if (going.signal.aborted) return { outcome: 'ok', status, stream };
    if (leave?.aborted) return { outcome: 'left', status, stream };
    return { outcome: 'failed', status, detail: connectionErrorOf(error), stream };
  } finally {
    clearTimeout(look);
  }
}

const WHY = {
  failed: 'the server said in its stream that it failed',
  cut: 'the stream ended without its right end',
};

/** Three times within the longest silence that is allowed: an older report would pass for silence. */
function tellEveryMs({ idleMs, requestMs }: Limits): number {
  const { least, most } = TELL_EVERY_MS;
  return Math.min(most, Math.max(least, (idleMs ?? requestMs) / 3));
}

function told(course: StreamCourse, startedAtMs: number): NonNullable<RequestOutcome['stream']> {
  const { bytes, events, firstEventAtMs, lastEventAtMs, longestGap } = course;
  const at = (atMs: number | null): number | null =>
    atMs === null ? null : Math.round((atMs - startedAtMs) * 10) / 10;
  return {
    bytes,
    events,
    firstT: at(firstEventAtMs),
    lastT: at(lastEventAtMs),
    longestGap: longestGap && {
      fromT: at(longestGap.fromMs) ?? 0,
      ms: Math.round(longestGap.ms * 10) / 10,
    },
  };
}
