/** What was sent in a recorded request, as an operation of a config says it. */
import type { OperationConfig } from '../../config/config.ts';
import { varied } from '../texts.ts';
import type { HarEntry } from './har.ts';

/** Why an entry of the recording is left out. */
export class Left extends Error {}

const STREAMS = { 'text/event-stream': 'sse', 'application/x-ndjson': 'ndjson' } as const;

export function streamOf({ response }: HarEntry): 'sse' | 'ndjson' | null {
  const type = response.content.mimeType.split(';')[0]!.trim();
  return type in STREAMS ? STREAMS[type as keyof typeof STREAMS] : null;
}

/** What a browser adds of its own, and what the client of hanglab sets itself. */
const BROWSER_HEADERS =
  /^(:|sec-|accept-(encoding|language)|user-agent|host|connection|content-length|origin|referer|dnt|te|cache-control|pragma|if-|priority|upgrade|content-type$)/i;

export function headersOf({ request }: HarEntry): Record<string, string> {
  const kept = request.headers.filter(
    ({ name, value }) =>
      !BROWSER_HEADERS.test(name) && !(name.toLowerCase() === 'accept' && value === '*/*'),
  );
  return Object.fromEntries(kept.map(({ name, value }) => [name.toLowerCase(), value]));
}

export type RecordedBody = Pick<OperationConfig, 'json' | 'form' | 'multipart' | 'body'> & {
  headers?: Readonly<Record<string, string>>;
};

/** @throws Left */
export function bodyOf({ request }: HarEntry): RecordedBody {
  const { postData } = request;
  if (postData === undefined) return {};
  const type = postData.mimeType.split(';')[0]!.trim().toLowerCase();
  const { params = [], text = '' } = postData;
  if (type === 'application/json' || type.endsWith('+json')) {
    try {
      return { json: varied(JSON.parse(text)) };
    } catch {
      throw new Left('its body was not recorded whole: give it by --request');
    }
  }
  if (type === 'multipart/form-data') {
    if (params.length === 0) {
      throw new Left('its files were not recorded: give it by --request, with field@file');
    }
    return { multipart: Object.fromEntries(params.map((param) => [param.name, partOf(param)])) };
  }
  if (type === 'application/x-www-form-urlencoded') {
    const fields =
      text === ''
        ? params.map(({ name, value = '' }) => [name, value] as const)
        : [...new URLSearchParams(text)];
    return { form: varied(Object.fromEntries(fields)) as Record<string, string> };
  }
  return text === '' ? {} : { body: text, headers: { 'content-type': type } };
}

type Param = NonNullable<NonNullable<HarEntry['request']['postData']>['params']>[number];

function partOf({ name, value, fileName, contentType }: Param) {
  if (fileName === undefined) return varied(value ?? '', name) as string;
  const isText = /^text\/|json|^$/.test(contentType ?? '');
  if (!isText)
    throw new Left(
      `needs a file of ${contentType}, which hanglab could not make: give it by --request`,
    );
  return { text: value || '${document}', filename: fileName, type: contentType || 'text/plain' };
}
