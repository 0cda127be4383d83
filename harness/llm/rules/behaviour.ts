/** What the model does to a request that a rule chooses: the shape of a behaviour. */
import { z } from 'zod';

/** Longer than any run, and inside what a timer can hold. */
const MAX_MS = 24 * 3_600_000;
const duration = z.number().min(0).max(MAX_MS);
const count = z.int().min(0);
const positive = z.int().min(1);

export const behaviourShape = {
  /** Stands in history and report. */
  name: z.string().min(1),

  // What it answers.
  /** This, word for word, instead of what the model would say. */
  answer: z.string().optional(),
  /** Calls these tools, whether the request offers them or not. */
  toolCalls: z
    .array(z.strictObject({ name: z.string().min(1), arguments: z.unknown().optional() }))
    .min(1)
    .optional(),
  /** An answer in text is exactly so long; of one in JSON the last string is. */
  answerTokens: positive.optional(),
  /** What an answer of `answerTokens` is made of, instead of what the model would say. */
  answerOf: z.literal('braces').optional(),
  /** Answers with this status and the provider's error body. */
  status: z.int().min(400).max(599).optional(),
  retryAfterS: z.number().min(0).optional(),
  errorMessage: z.string().min(1).optional(),
  errorCode: z.string().min(1).optional(),
  errorType: z.string().min(1).optional(),
  /**
   * A 200 with the wrong thing in it. `not-json`: an HTML page. `not-schema`: the right envelope, but
   * prose where the schema was asked for, or no vectors.
   */
  garbage: z.enum(['not-json', 'not-schema']).optional(),

  // When and how fast.
  /** Milliseconds until the first byte, headers included. */
  ttftMs: duration.optional(),
  tokensPerSecond: z.number().positive().optional(),
  /** Tokens in each event of a stream. */
  tokensPerEvent: positive.optional(),
  /** Sends the body one byte at a time. */
  dripEveryMs: duration.min(1).optional(),

  // How far, and how it ends.
  /** Never answers; the connection stays open. */
  holdHeaders: z.literal(true).optional(),
  /** Ends the connection before any byte of an answer: by a FIN, or by a reset. */
  hangUp: z.enum(['fin', 'reset']).optional(),
  /** Sends N tokens, then nothing more; the connection stays open. */
  silentAfterTokens: count.optional(),
  /** Sends N tokens, then a bare FIN: our half of the connection is closed, the client's stays. */
  finAfterTokens: count.optional(),
  /** Sends N tokens, then RST. */
  resetAfterTokens: count.optional(),
  /** Sends N tokens, then ends the HTTP message properly, without what would end the answer. */
  endAfterTokens: count.optional(),
  /** Sends N tokens of a stream, then the provider's event for an error, and ends. */
  errorAfterTokens: count.optional(),
  /** After N tokens of a stream one event whose JSON is cut; the answer goes on after it. */
  brokenEventAfterTokens: count.optional(),
  /** From the silence on (at once without `silentAfterTokens`), a sign of life without content, for ever. */
  heartbeatEveryMs: duration.min(1).optional(),
  /**
   * `comment`: an SSE comment, Anthropic's `ping`. `empty-delta`: an event with an empty delta. Ollama
   * has lines with no text for both; a body that is no stream gets white space.
   */
  heartbeat: z.enum(['comment', 'empty-delta']).optional(),
  /** No chunked framing and no length: the end of the answer is the end of the connection. */
  closeDelimited: z.literal(true).optional(),
};

/** Of these an answer has one at most. */
const ENDINGS = [
  'holdHeaders',
  'hangUp',
  'silentAfterTokens',
  'finAfterTokens',
  'resetAfterTokens',
  'endAfterTokens',
  'errorAfterTokens',
] as const;
const CONTENTS = ['answer', 'toolCalls', 'answerTokens', 'status', 'garbage'] as const;
const OF_AN_ERROR = ['retryAfterS', 'errorCode', 'errorType'] as const;

export const behaviourSchema = z.strictObject(behaviourShape).superRefine((behaviour, context) => {
  const problem = (message: string): void => context.addIssue({ code: 'custom', message });
  const endings = ENDINGS.filter((key) => behaviour[key] !== undefined);
  if (endings.length > 1) {
    problem(`has ${endings.join(' and ')}, but an answer ends in one way only`);
  }
  const contents = CONTENTS.filter((key) => behaviour[key] !== undefined);
  if (contents.length > 1) {
    problem(`has ${contents.join(' and ')}, but an answer has one content only`);
  }
  if (behaviour.heartbeatEveryMs !== undefined) {
    const other = endings.find((key) => key !== 'silentAfterTokens');
    if (other) problem(`has heartbeatEveryMs and ${other}, but a heartbeat needs an open answer`);
  }
  if (behaviour.heartbeat !== undefined && behaviour.heartbeatEveryMs === undefined) {
    problem('has heartbeat without heartbeatEveryMs');
  }
  if (behaviour.status !== undefined) return;
  for (const key of OF_AN_ERROR) {
    const inStream = behaviour.errorAfterTokens !== undefined && key !== 'retryAfterS';
    if (behaviour[key] !== undefined && !inStream) problem(`has ${key} without status`);
  }
  if (behaviour.errorMessage !== undefined && behaviour.errorAfterTokens === undefined) {
    problem('has errorMessage without status');
  }
});

export type Behaviour = z.infer<typeof behaviourSchema>;
