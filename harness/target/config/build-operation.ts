/** From an operation as a config declares it to one that loads can send. */
import type { OperationKind } from '../../history/events.ts';
import { toMs } from '../../platform/duration.ts';
import type {
  HttpAnswer,
  HttpBody,
  HttpRequest,
  MultipartPart,
} from '../operations/http-message.ts';
import { type Input, valuesOf } from '../operations/input.ts';
import { jsonAnswer, read, valueAt, valuesAt } from '../operations/json-path.ts';
import type { Judgement, Operation, Promises, WorkState } from '../operations/operation.ts';
import { type StreamEvent, type StreamSpec, saysError } from '../operations/stream-spec.ts';
import type { FileConfig, JsonAnswer, Made, OperationConfig, RequestConfig } from './config.ts';
import { fill, placeholdersIn } from './template.ts';

export const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const DETAIL_CHARACTERS = 300;

export function buildOperation(name: string, config: OperationConfig): Operation {
  const { limits = {}, stream, deletes = null, idOf = deletes } = config;
  const used = placeholdersUsed(config);
  return {
    name,
    kind: config.kind ?? kindOf(config),
    limits: Object.fromEntries(
      Object.entries(limits).map(([key, duration]) => [`${key}Ms`, toMs(duration)]),
    ),
    isSized: used.has('document'),
    needsId: used.has('id') || placeholdersIn(config[methodOf(config)] ?? '').includes('id'),
    carriesText: used.has('document') || used.has('sentence') || used.has('text'),
    request: (input) => requestFrom(config, input),
    judge: (answer, input) => judgement(config, answer, input),
    stream: stream === undefined ? null : buildStream(stream),
    promises: buildPromises(config),
    deletes,
    idOf,
  };
}

function kindOf(config: OperationConfig): OperationKind {
  if (config.stream !== undefined) return 'stream';
  const method = methodOf(config);
  if (method === 'get') return 'read';
  return method === 'delete' ? 'delete' : 'write';
}

function methodOf(config: RequestConfig): (typeof METHODS)[number] {
  return METHODS.find((method) => config[method] !== undefined) ?? 'get';
}

/** The members of the input that a declaration uses: those of its texts, and those that its functions read. */
function placeholdersUsed({ json, form, multipart, body }: OperationConfig): Set<string> {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value === 'function') {
      for (const name of membersRead(value as () => unknown)) found.add(name);
    } else if (typeof value === 'string') for (const name of placeholdersIn(value)) found.add(name);
    else if (value !== null && typeof value === 'object') Object.values(value).forEach(visit);
  };
  for (const part of [json, form, multipart, body]) visit(part);
  return found;
}

const SAMPLE: Input = {
  index: 1,
  title: 'Guide 1',
  sentence: 'A sentence.',
  document: 'A document.',
  text: 'A text.',
  id: 'id',
};

/** What a function reads of its input, found out by calling it once. */
function membersRead(make: (...args: never[]) => unknown): string[] {
  const names: string[] = [];
  const watched = new Proxy(SAMPLE, {
    get(input, name) {
      names.push(String(name));
      return Reflect.get(input, name);
    },
  });
  try {
    (make as (input: Input) => unknown)(watched);
  } catch {
    // It will fail again, and be reported, when it is called for a request.
  }
  return names;
}

/** The request of a declaration for an input. */
export function requestFrom(config: RequestConfig, input: Input): HttpRequest {
  const method = methodOf(config);
  const values = valuesOf(input);
  const encoded = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, encodeURIComponent(value)]),
  );
  return {
    method: method.toUpperCase(),
    path: fill(config[method] ?? '/', encoded),
    headers: made(config.headers ?? {}, input),
    body: bodyFrom(config, input),
  };
}

function bodyFrom(config: RequestConfig, input: Input): HttpBody | null {
  if (config.json !== undefined) {
    const text = JSON.stringify(made(config.json, input));
    return { kind: 'text', text, contentType: 'application/json' };
  }
  if (config.form !== undefined) {
    const text = new URLSearchParams(made(config.form, input)).toString();
    return { kind: 'text', text, contentType: 'application/x-www-form-urlencoded' };
  }
  if (config.multipart !== undefined) {
    const parts = Object.entries(made(config.multipart, input)).map(([name, part]) => [
      name,
      typeof part === 'string' ? part : fileFrom(part),
    ]);
    return { kind: 'multipart', parts: Object.fromEntries(parts) };
  }
  if (config.body === undefined) return null;
  return { kind: 'text', text: made(config.body, input), contentType: 'text/plain' };
}

function fileFrom({ text, filename = 'file.txt', type = 'text/plain' }: FileConfig): MultipartPart {
  return { text, filename, type };
}

/** The value for an input: made by its function, or filled in wherever a text stands in it. */
function made<T>(value: Made<T>, input: Input): T {
  if (typeof value === 'function') return (value as (input: Input) => T)(input);
  const values = valuesOf(input);
  const filled = (part: unknown): unknown => {
    if (typeof part === 'string') return fill(part, values);
    if (Array.isArray(part)) return part.map(filled);
    if (part === null || typeof part !== 'object') return part;
    return Object.fromEntries(Object.entries(part).map(([key, each]) => [key, filled(each)]));
  };
  return filled(value) as T;
}

function judgement(config: OperationConfig, raw: HttpAnswer, input: Input): Judgement {
  const { good, id } = config;
  const answer = jsonAnswer(raw);
  const ok =
    typeof good === 'function' ? good(answer, input) : statuses(good).includes(answer.status);
  const receipt = ok && id !== undefined ? (read(id, answer) ?? null) : null;
  if (ok && id !== undefined && receipt === null) {
    const detail = `status ${answer.status}, but there is no id in the answer: ${excerpt(raw)}`;
    return { ok: false, detail, receipt: null };
  }
  const detail = ok ? null : `status ${answer.status}: ${excerpt(raw)}`;
  return { ok, detail, receipt: receipt === null ? null : String(receipt) };
}

const SUCCESSES = Array.from({ length: 100 }, (_, i) => 200 + i);

/** Any 2xx when none are declared. */
function statuses(good: number | readonly number[] | undefined): readonly number[] {
  if (good === undefined) return SUCCESSES;
  return [good].flat();
}

function excerpt({ text }: HttpAnswer): string {
  return text === '' ? '(empty)' : text.slice(0, DETAIL_CHARACTERS).replaceAll(/\s+/g, ' ');
}

function buildStream(config: NonNullable<OperationConfig['stream']>): StreamSpec {
  const {
    format,
    ends,
    failed,
    endless = false,
  } = typeof config === 'string' ? { format: config } : { ...config };
  return {
    format,
    ends: ends === undefined ? null : matcherOf(ends),
    failed: failed === undefined ? saysError : matcherOf(failed),
    endless,
  };
}

/** A text is the data of an event, or its name. */
function matcherOf(
  wanted: string | ((event: StreamEvent) => boolean),
): (event: StreamEvent) => boolean {
  if (typeof wanted === 'function') return wanted;
  return ({ event, data }) => data === wanted || event === wanted;
}

function buildPromises({ done, found }: OperationConfig): Promises | null {
  if (!done && !found) return null;
  return {
    done: done ? { request: (input) => requestFrom(done, input), read: stateReader(done) } : null,
    find: found
      ? {
          request: (input) => requestFrom(found, input),
          copies: (answer, input) => {
            const { copies } = found;
            if (!isSuccess(answer.status)) return null;
            if (typeof copies === 'function') return copies(jsonAnswer(answer), input);
            return valuesAt(jsonAnswer(answer).json, copies).length;
          },
        }
      : null,
  };
}

function stateReader(
  done: NonNullable<OperationConfig['done']>,
): (raw: HttpAnswer) => WorkState | null {
  return (raw) => {
    const answer = jsonAnswer(raw);
    if (!isSuccess(answer.status) && !ABSENT.includes(answer.status)) return null;
    const state = stateOf(done, answer);
    // What is not there is held by nobody.
    if (done.held === undefined || state === 'absent') return { state, heldMs: null };
    return { state, heldMs: read(done.held, answer) ?? null };
  };
}

function stateOf(
  { until, failed }: NonNullable<OperationConfig['done']>,
  answer: JsonAnswer,
): WorkState['state'] {
  if (typeof until === 'function') return until(answer);
  if (ABSENT.includes(answer.status)) return 'absent';
  if (matches(until, answer)) return 'done';
  return failed && matches(failed, answer) ? 'failed' : 'open';
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;
const ABSENT: readonly number[] = [404, 410];

/** Whether each path has its value, or one of its values. */
function matches(wanted: Readonly<Record<string, unknown>>, { json }: JsonAnswer): boolean {
  return Object.entries(wanted).every(([path, value]) => {
    const found = valueAt(json, path);
    return Array.isArray(value) ? value.includes(found) : found === value;
  });
}
