/** What the scripted model says to a prompt, before any protocol gives it its form. */
import { hash32 } from '../../platform/random.ts';
import { encoded, type Segment } from './answer.ts';
import type { Prompt, ToolCall } from './prompt.ts';
import { answerTo, exactly } from './prose/excerpts.ts';
import { tokensOf } from './prose/text.ts';
import { fillSchema, type Source } from './schema/fill.ts';
import type { Schema } from './schema/json-schema.ts';
import { chooseTools } from './tool-choice.ts';

/** What a rule says of an answer's content. */
export interface Script {
  /** Word for word. */
  answer?: string | undefined;
  toolCalls?: readonly { name: string; arguments?: unknown }[] | undefined;
  /** Exactly so long, whatever there is to say. */
  answerTokens?: number | undefined;
  /** What such a long answer is made of. */
  answerOf?: 'braces' | undefined;
  /** Prose, whatever was asked for; embeddings without vectors. */
  offSchema?: boolean | undefined;
  /** How many tokens stand in one event of a stream. */
  tokensPerEvent?: number | undefined;
}

/** Tokens that go out in one event. */
export interface Delta {
  text: string;
  tokens: number;
}

export interface Completion {
  thinking: string[];
  /** The text in tokens; empty where tools are called instead. */
  text: string[];
  toolCalls: ToolCall[];
  finish: 'stop' | 'stop-sequence' | 'length' | 'tools';
  /** The sequence that ended it. */
  stopSequence: string | null;
  /** Of all of it: thinking, text and arguments. */
  tokens: number;
}

const REFUSAL = 'I am sorry, but I would rather talk about something else today.';
const THINKING = 'The text has the answer, so I look for the sentences that share its words.';
/** What "any JSON object" gets. */
const ANY_OBJECT: Schema = {
  type: 'object',
  properties: { answer: { type: 'string' } },
  required: ['answer'],
};

/**
 * The answers to `prompt`, as many as it asks for.
 * @throws SchemaError when no value of a schema that it asks for can be found.
 */
export function complete(prompt: Prompt, script: Script, seed: number): Completion[] {
  return Array.from({ length: prompt.choices }, (_, choice) => one(prompt, script, seed, choice));
}

/** `tokens` in events of `size` each. */
export function deltasOf(tokens: readonly string[], size = 1): Delta[] {
  return Array.from({ length: Math.ceil(tokens.length / size) }, (_, i) => {
    const group = tokens.slice(i * size, (i + 1) * size);
    return { text: group.join(''), tokens: group.length };
  });
}

/** An event for each `size` of `tokens`, made by `encode`. */
export function streamed(
  tokens: readonly string[],
  size: number | undefined,
  encode: (text: string) => string,
): Segment {
  // Nearly always it is one, and then the tokens need no objects around them.
  if (size === undefined || size === 1) return encoded(tokens, encode);
  return encoded(
    deltasOf(tokens, size),
    ({ text }) => encode(text),
    (delta) => delta.tokens,
  );
}

function one(prompt: Prompt, script: Script, seed: number, choice: number): Completion {
  const thinking = prompt.thinking ? tokensOf(THINKING) : [];
  const toolCalls = callsFor(prompt, script, seed, choice);
  if (toolCalls.length > 0) {
    const tokens = toolCalls.reduce((sum, call) => sum + tokensOf(call.arguments).length, 0);
    const all = thinking.length + tokens;
    // Arguments that are cut are no JSON: a limit below them leaves no call at all.
    if (all > prompt.maxTokens) return { ...cut(thinking, [], null, prompt), finish: 'length' };
    return { thinking, text: [], toolCalls, finish: 'tools', stopSequence: null, tokens: all };
  }
  const { text, stopSequence } = beforeStop(contentFor(prompt, script, seed, choice), prompt.stop);
  const tokens = tokensOf(text);
  const isExact = script.answerTokens !== undefined && prompt.format.kind === 'text';
  const wanted = isExact ? exactly(fillingOf(script, tokens), script.answerTokens) : tokens;
  return cut(thinking, wanted, stopSequence, prompt);
}

function cut(
  thinking: string[],
  text: string[],
  stopSequence: string | null,
  { maxTokens }: Prompt,
): Completion {
  const kept = thinking.slice(0, maxTokens);
  const rest = text.slice(0, Math.max(0, maxTokens - kept.length));
  const isCut = kept.length < thinking.length || rest.length < text.length;
  const finish = isCut ? 'length' : stopSequence === null ? 'stop' : 'stop-sequence';
  return {
    thinking: kept,
    text: rest,
    toolCalls: [],
    finish,
    stopSequence: isCut ? null : stopSequence,
    tokens: kept.length + rest.length,
  };
}

function callsFor(prompt: Prompt, script: Script, seed: number, choice: number): ToolCall[] {
  if (script.offSchema || script.answer !== undefined) return [];
  const { text } = sourceOf(prompt);
  // Arguments say what was asked for, and answer nothing.
  const source = { text, question: '', context: text };
  const chosen =
    script.toolCalls ??
    chooseTools(prompt).map(({ name, parameters }) => ({
      name,
      arguments: fillSchema(parameters, source, seedOf(prompt, seed, choice)),
    }));
  return chosen.map((call, index) => ({
    id: idOf(prompt, `${seed}:${choice}:${index}`),
    name: call.name,
    arguments: JSON.stringify(call.arguments ?? {}),
  }));
}

function contentFor(prompt: Prompt, script: Script, seed: number, choice: number): string {
  if (script.answer !== undefined) return script.answer;
  if (script.offSchema) return REFUSAL;
  const source = sourceOf(prompt);
  if (prompt.format.kind !== 'text') {
    const schema = prompt.format.kind === 'json' ? ANY_OBJECT : prompt.format.schema;
    const value = fillSchema(schema, source, seedOf(prompt, seed, choice));
    return JSON.stringify(script.answerTokens === undefined ? value : lengthened(value, script));
  }
  const about = prompt.turns.findLast(({ role }) => role === 'user')?.media ?? [];
  return [...about, answerTo(source.question, source.context, choice)]
    .filter((part) => part !== '')
    .join(' ');
}

const BRACES = tokensOf(' {} []');

/** What a long answer repeats. */
function fillingOf({ answerOf }: Script, tokens: readonly string[]): readonly string[] {
  return answerOf === 'braces' ? BRACES : tokens;
}

/** `value` with its last string as long as the script wants it. */
function lengthened(value: unknown, script: Script): unknown {
  if (typeof value === 'string') {
    return exactly(fillingOf(script, tokensOf(value)), script.answerTokens).join('');
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const at = entries.findLastIndex(([, inner]) => hasString(inner));
  const changed = entries.map(([key, inner], i) =>
    i === at ? ([key, lengthened(inner, script)] as const) : ([key, inner] as const),
  );
  return Array.isArray(value) ? changed.map(([, inner]) => inner) : Object.fromEntries(changed);
}

function hasString(value: unknown): boolean {
  if (typeof value === 'string') return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasString);
}

/**
 * The last turn of the user, and of the tools that have answered since, is what an answer is about;
 * its last line is taken for the question.
 */
function sourceOf({ turns }: Prompt): Source {
  const lastUser = turns.findLastIndex(({ role }) => role === 'user');
  const text = turns[lastUser]?.text ?? turns.at(-1)?.text ?? '';
  const results = turns.slice(lastUser + 1).filter(({ role }) => role === 'tool');
  const question = text.split('\n').findLast((line) => line.trim() !== '') ?? '';
  const context = (results.length > 0 ? results : turns).map((turn) => turn.text).join('\n\n');
  return { text: text.trim() === '' ? context : text, question, context };
}

function beforeStop(
  text: string,
  stop: readonly string[],
): { text: string; stopSequence: string | null } {
  let at = text.length;
  let stopSequence: string | null = null;
  for (const sequence of stop) {
    const found = sequence === '' ? -1 : text.indexOf(sequence);
    if (found >= 0 && found < at) {
      at = found;
      stopSequence = sequence;
    }
  }
  return { text: text.slice(0, at), stopSequence };
}

function seedOf(prompt: Prompt, seed: number, choice: number): number {
  return hash32(`${seed}:${prompt.seed}:${choice}`);
}

/** The same for the same request and seed, and different for each `purpose`. */
export function idOf(prompt: Prompt, purpose: string): string {
  const about = hashes.get(prompt) ?? hash32(JSON.stringify(prompt));
  hashes.set(prompt, about);
  const hash = (salt: string): string =>
    hash32(`${salt}:${purpose}:${about}`).toString(16).padStart(8, '0');
  return hash('a') + hash('b');
}

/** Of prompts: one may have many ids, and be long. */
const hashes = new WeakMap<Prompt, number>();
