/** Behaviours and the rules that choose them: their shape, and the check of rules that come from outside. */
import { z } from 'zod';
import { didYouMean, HanglabError } from '../platform/errors.ts';

/** Longer than any run, and inside what a timer can hold. */
const MAX_MS = 24 * 3_600_000;
const duration = z.number().min(0).max(MAX_MS);
const count = z.int().min(0);
const positive = z.int().min(1);

const behaviourShape = {
  /** Stands in history and report. */
  name: z.string().min(1),
  /** Milliseconds until the first byte, headers included. */
  ttftMs: duration.optional(),
  tokensPerSecond: z.number().positive().optional(),
  /** Never answers; the connection stays open. */
  holdHeaders: z.literal(true).optional(),
  /** Sends N tokens, then nothing more; the connection stays open. */
  silentAfterTokens: count.optional(),
  /** Sends N tokens, then a bare FIN: our half of the connection is closed, the client's stays. */
  finAfterTokens: count.optional(),
  /** Sends N tokens, then RST. */
  resetAfterTokens: count.optional(),
  /** Answers with this status and an OpenAI error body. */
  status: z.int().min(400).max(599).optional(),
  retryAfterS: z.number().min(0).optional(),
  errorCode: z.string().min(1).optional(),
  /**
   * A 200 with the wrong thing in it. `not-json`: an HTML page. `not-schema`: the right envelope, but
   * prose where the schema was asked for, or no vectors.
   */
  garbage: z.enum(['not-json', 'not-schema']).optional(),
  /** Sends the body one byte at a time. */
  dripEveryMs: duration.min(1).optional(),
  /** From the silence on (at once without `silentAfterTokens`), a sign of life without content, for ever. */
  heartbeatEveryMs: duration.min(1).optional(),
  /** An SSE comment, or a chunk with an empty delta; a body that is no stream gets white space. */
  heartbeat: z.enum(['comment', 'empty-delta']).optional(),
  /** No chunked framing and no length: the end of the answer is the end of the connection. */
  closeDelimited: z.literal(true).optional(),
};

const whenShape = {
  operation: z.enum(['chat', 'embeddings', 'models']).optional(),
  /** Occurs in the request's own text: messages or input. */
  contains: z.string().min(1).optional(),
  /** Every k-th request that came so far, by count. */
  every: positive.optional(),
  /** Lets the first S pass. */
  skip: count.optional(),
  /** Takes the next K only. */
  times: positive.optional(),
  /** Every k-th distinct subject (`user`, else the text itself), and then all requests of that one. */
  subjectEvery: positive.optional(),
};

const ENDINGS = ['holdHeaders', 'silentAfterTokens', 'finAfterTokens', 'resetAfterTokens'] as const;

const behaviourSchema = z.strictObject(behaviourShape).superRefine((behaviour, context) => {
  const problem = (message: string): void => context.addIssue({ code: 'custom', message });
  const endings = ENDINGS.filter((key) => behaviour[key] !== undefined);
  if (endings.length > 1)
    problem(`has ${endings.join(' and ')}, but an answer ends in one way only`);
  if (behaviour.heartbeatEveryMs !== undefined) {
    const other = endings.find((key) => key !== 'silentAfterTokens');
    if (other) problem(`has heartbeatEveryMs and ${other}, but a heartbeat needs an open answer`);
  }
  if (behaviour.heartbeat !== undefined && behaviour.heartbeatEveryMs === undefined) {
    problem('has heartbeat without heartbeatEveryMs');
  }
  if (behaviour.status === undefined) {
    for (const key of ['retryAfterS', 'errorCode'] as const) {
      if (behaviour[key] !== undefined) problem(`has ${key} without status`);
    }
  } else if (behaviour.garbage !== undefined) problem('has both status and garbage');
});

const ruleSchema = z.strictObject({
  when: z.strictObject(whenShape).optional(),
  behaviour: behaviourSchema,
});

export type Behaviour = z.infer<typeof behaviourSchema>;
export type Rule = z.infer<typeof ruleSchema>;

const KNOWN_KEYS = ['when', 'behaviour', ...Object.keys(behaviourShape), ...Object.keys(whenShape)];

/**
 * `input` as rules.
 * @throws HanglabError `bad-rules`, with every problem at once.
 */
export function parseRules(input: unknown): Rule[] {
  const parsed = z.array(ruleSchema).safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const where = issue.path.reduce<string>(
      (path, key) => path + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`),
      'rules',
    );
    const hint =
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => didYouMean(key, KNOWN_KEYS)).join('')
        : '';
    return `${where}: ${issue.message}${hint}`;
  });
  throw new HanglabError('bad-rules', `The model's script is not valid: ${problems.join('; ')}`, {
    problems,
  });
}
