/**
 * Sends an operation once to the running server, with nothing wrong, and completes what is known of it by what
 * came back: whether it streams and how that ends, and the path to the id of its result.
 */
import { formatMs } from '../../../platform/duration.ts';
import { pause } from '../../../platform/wait.ts';
import { buildOperation } from '../../config/build-operation.ts';
import type { HttpClient } from '../../operations/http.ts';
import type { Input } from '../../operations/input.ts';
import type { Candidate } from '../offered.ts';
import { endingStates, type ItemPaths, idPathIn, promised, STATE_NAME } from '../promised.ts';
import { type Asked, ask, GET } from './ask.ts';
import { streamConfig, streamFormat } from './stream-end.ts';

export interface Tried {
  /** Why it cannot be used; null when it can. */
  problem: string | null;
  /** null when it was not answered in time. */
  answer: Asked | null;
  /** As its answer completes it, and the delete that belongs to it. */
  candidates: readonly Candidate[];
}

export interface TryOptions {
  client: HttpClient;
  input: Input;
  /** How long an answer is waited for. */
  answerMs: number;
  signal: AbortSignal;
}

/** The rest of a longer answer is not needed. */
const MAX_BYTES = 2_000_000;
const EXCERPT = 160;
const POLL_MS = 200;

export async function tryCandidate(candidate: Candidate, options: TryOptions): Promise<Tried> {
  const { client, input, answerMs, signal } = options;
  const operation = buildOperation(candidate.name, candidate.config);
  const limits = { withinMs: answerMs, maxBytes: MAX_BYTES, signal };
  const answer = await ask(client, operation.request(input), limits);
  if (answer.status === null) return { problem: answer.why, answer: null, candidates: [candidate] };
  const unusable = (problem: string): Tried => ({ problem, answer, candidates: [candidate] });
  const { ok } = operation.judge(answer, input);
  if (!ok) return unusable(statusProblem(answer, candidate));
  const format = streamFormat(answer.headers);
  if (format === null && answer.ended === 'whole') {
    return { problem: null, answer, candidates: await withPromises(candidate, answer, options) };
  }
  if (answer.ended === 'broken')
    return unusable('its connection broke in the middle of the answer');
  if (answer.ended === 'open') {
    return unusable(
      format === null
        ? `its answer had not ended after ${formatMs(answer.tookMs)}`
        : `its stream had not ended after ${formatMs(answer.tookMs)}: one without an end is not judged`,
    );
  }
  const stream = streamConfig(format as 'sse', answer.text);
  const streaming = { ...candidate, config: { ...candidate.config, stream } };
  return { problem: null, answer, candidates: [streaming] };
}

function statusProblem({ status, headers, text }: Asked, { config }: Candidate): string {
  if (status === 401 || status === 403) {
    return `was answered with status ${status}: give --token, or --header 'Authorization: …'`;
  }
  if (status >= 300 && status < 400) return `redirects to ${headers.location ?? 'nowhere'}`;
  if (config.id !== undefined && status < 300) return `has no id at ${config.id} of its answer`;
  const excerpt = text.slice(0, EXCERPT).replaceAll(/\s+/g, ' ').trim();
  return `was answered with status ${status}${excerpt === '' ? '' : `: ${excerpt}`}`;
}

/** A write with the id of its result, where its answer has one and something asks for it. */
async function withPromises(
  candidate: Candidate,
  answer: Asked,
  options: TryOptions,
): Promise<readonly Candidate[]> {
  const { config, item = null } = candidate;
  const isWrite = config.post !== undefined || config.put !== undefined;
  if (!isWrite || config.deletes !== undefined) return [candidate];
  const json = jsonIn(answer.text);
  const isReceipt = item !== null || answer.status === 201 || answer.status === 202;
  const found =
    (config.id as string | undefined) ??
    (isReceipt && json
      ? idPathIn(Object.keys(json), item?.parameter ?? null, (name) =>
          Object.keys(recordIn(json[name]) ?? {}),
        )
      : null);
  const id = found === null ? null : idAt(json, found);
  if (found === null || id === null) return [candidate];
  const state = config.done ? null : await endingState(item, id, options);
  if (config.id !== undefined && state === null) return [candidate];
  const known = item && { ...item, state: item.state ?? state };
  return promised(candidate, found, known);
}

/** The id that a write's answer has at `path`; null when it has none. */
export function idAt(json: unknown, path: string): string | null {
  const names = path.slice(2).split('.');
  const value = names.reduce<unknown>((at, name) => recordIn(at)?.[name], json);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

/** Asks for the result until its state says that it is done; null when it has no such state. */
async function endingState(
  item: ItemPaths | null,
  id: string,
  { client, answerMs, signal }: TryOptions,
): Promise<ItemPaths['state']> {
  if (item?.get == null) return null;
  const path = item.get.replaceAll('${id}', encodeURIComponent(id));
  const deadlineMs = performance.now() + answerMs;
  while (performance.now() < deadlineMs) {
    const limits = { withinMs: answerMs, maxBytes: MAX_BYTES, signal };
    const answer = await ask(client, GET(path), limits);
    const json = answer.status === 200 ? jsonIn(answer.text) : null;
    const field = Object.keys(json ?? {}).find((name) => STATE_NAME.test(name));
    const value = field === undefined ? undefined : json?.[field];
    if (typeof value !== 'string') return null;
    const states = endingStates([value]);
    if (states) return { path: `$.${field}`, done: states.done, failed: ['failed', 'error'] };
    await pause(POLL_MS, signal);
  }
  return null;
}

export function jsonIn(text: string): Record<string, unknown> | null {
  try {
    return recordIn(JSON.parse(text));
  } catch {
    return null;
  }
}

function recordIn(value: unknown): Record<string, unknown> | null {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? (value as Record<string, unknown>) : null;
}
