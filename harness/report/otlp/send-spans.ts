/** Sends the spans of a run to a collector: OTLP over HTTP, as JSON, in batches. */
import { setTimeout as pause } from 'node:timers/promises';
import { HanglabError } from '../../platform/errors.ts';
import { version } from '../version.ts';
import type { OtlpSpan } from './otlp-span.ts';
import { attributes } from './otlp-span.ts';

/** The default of OpenTelemetry's own batch processor. */
const BATCH = 512;
const TIMEOUT_MS = 10_000;
const RETRY_AFTER_MS = 1000;
/** Those that the protocol calls retryable. */
const RETRYABLE = new Set([429, 502, 503, 504]);

export interface SpanSender {
  add(spans: readonly OtlpSpan[]): Promise<void>;
  /** Sends what is left. @throws HanglabError `otlp-failed` when a batch was not taken. */
  end(): Promise<void>;
}

/** Where spans go for an endpoint as users give it, with or without the path of the signal. */
export function tracesUrl(endpoint: string): string {
  const url = new URL(endpoint);
  if (!url.pathname.endsWith('/v1/traces')) {
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`;
  }
  return url.href;
}

/** @param endpoint like `http://127.0.0.1:4318`. */
export function spanSender(endpoint: string, environment = process.env): SpanSender {
  const url = tracesUrl(endpoint);
  const headers = headersFrom(environment.OTEL_EXPORTER_OTLP_HEADERS);
  let waiting: OtlpSpan[] = [];
  const flush = async (): Promise<void> => {
    const spans = waiting;
    waiting = [];
    if (spans.length > 0) await send(url, headers, spans);
  };
  return {
    async add(spans) {
      waiting.push(...spans);
      if (waiting.length >= BATCH) await flush();
    },
    end: flush,
  };
}

async function send(
  url: string,
  headers: Record<string, string>,
  spans: readonly OtlpSpan[],
): Promise<void> {
  const body = JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributes({ 'service.name': 'hanglab' }) },
        scopeSpans: [{ scope: { name: 'hanglab', version: version() }, spans }],
      },
    ],
  });
  const post = (): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  try {
    let response = await post();
    if (RETRYABLE.has(response.status)) {
      await response.body?.cancel();
      await pause(RETRY_AFTER_MS);
      response = await post();
    }
    const text = await response.text();
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    const rejected = rejectedIn(text);
    if (rejected !== null) throw new Error(`it rejected ${rejected}`);
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
    throw new HanglabError(
      'otlp-failed',
      `${new URL(url).origin} did not take the spans: ${reason}`,
    );
  }
}

/** A collector may take some spans and refuse others. */
function rejectedIn(text: string): string | null {
  try {
    const { partialSuccess } = JSON.parse(text) as {
      partialSuccess?: { rejectedSpans?: string | number; errorMessage?: string };
    };
    const count = Number(partialSuccess?.rejectedSpans ?? 0);
    return count > 0
      ? `${count} spans: ${partialSuccess?.errorMessage ?? 'no reason given'}`
      : null;
  } catch {
    return null;
  }
}

/** `OTEL_EXPORTER_OTLP_HEADERS`: `name=value` pairs between commas, values percent-encoded. */
function headersFrom(text = ''): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, at)).trim();
    return name === '' ? [] : [[name, decoded(pair.slice(at + 1).trim())] as const];
  });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
