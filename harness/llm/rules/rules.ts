/** Rules: which requests get which behaviour. Their shape, and the check of those that come from outside. */
import { z } from 'zod';
import { didYouMean, HanglabError } from '../../platform/errors.ts';
import { OPERATIONS, ROUTES } from '../protocols/endpoint.ts';
import { behaviourSchema, behaviourShape } from './behaviour.ts';

const oneOrMany = <T extends z.ZodType>(item: T) =>
  z.union([item, z.array(item).min(1)]).optional();
const positive = z.int().min(1);

export const whenShape = {
  /** What kind of work: `chat` is every route that generates text. */
  operation: oneOrMany(z.enum(OPERATIONS)),
  /** One family of routes: `messages` is Anthropic's. */
  route: oneOrMany(z.enum(ROUTES)),
  /** The path as it was sent; `*` stands for anything. */
  path: z.string().startsWith('/').optional(),
  /** The name of the port that it came in on, where the model has several. */
  upstream: oneOrMany(z.string().min(1)),
  /** The model that it names. */
  model: z.string().min(1).optional(),
  /** Whether it asks for a stream. */
  stream: z.boolean().optional(),
  /** Occurs in the request's own text: messages or input. */
  contains: z.string().min(1).optional(),
  /** Occurs in the last message, or the last input. */
  lastContains: z.string().min(1).optional(),
  /** Every k-th request that came so far, by count. */
  every: positive.optional(),
  /** Lets the first S pass. */
  skip: z.int().min(0).optional(),
  /** Takes the next K only. */
  times: positive.optional(),
  /** Every k-th distinct subject (`user`, else the text itself), and then all requests of that one. */
  subjectEvery: positive.optional(),
};

const ruleSchema = z.strictObject({
  when: z.strictObject(whenShape).optional(),
  behaviour: behaviourSchema,
});

export type Rule = z.infer<typeof ruleSchema>;
export type When = NonNullable<Rule['when']>;

const KNOWN_KEYS = ['when', 'behaviour', ...Object.keys(behaviourShape), ...Object.keys(whenShape)];

/**
 * `input` as rules.
 * @throws HanglabError `bad-rules`, with every problem at once.
 */
export function parseRules(input: unknown): Rule[] {
  const parsed = z.array(ruleSchema).safeParse(input);
  if (parsed.success) return parsed.data;
  throw badRules(parsed.error.issues.flatMap((issue) => problemsOf(issue)));
}

/** @throws HanglabError `bad-rules` when a rule names a port that the model does not have. */
export function checkUpstreams(rules: readonly Rule[], known: readonly string[]): void {
  const problems = rules.flatMap(({ when }, index) =>
    [when?.upstream ?? []]
      .flat()
      .filter((name) => !known.includes(name))
      .map((name) => {
        const expected = known.length === 0 ? 'has none' : `has ${known.join(', ')}`;
        return `rules[${index}].when.upstream: there is no "${name}"; this model ${expected}`;
      }),
  );
  if (problems.length > 0) throw badRules(problems);
}

function badRules(problems: string[]): HanglabError {
  const message = `The model's rules are not valid: ${problems.join('; ')}`;
  return new HanglabError('bad-rules', message, { problems });
}

function problemsOf(issue: z.core.$ZodIssue, above: readonly PropertyKey[] = []): string[] {
  const path = [...above, ...issue.path];
  // One of several, or a list of them: what is wrong is said of the form that was meant.
  if (issue.code === 'invalid_union') {
    const [single, many] = issue.errors;
    const meant = single?.[0]?.code === 'invalid_type' ? many : single;
    const [first] = meant ?? [];
    if (first) return problemsOf(first, path);
  }
  const where = path.reduce<string>(
    (text, key) => text + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`),
    'rules',
  );
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${where}: unknown "${key}".${didYouMean(key, KNOWN_KEYS)}`);
  }
  return [`${where}: ${issue.message}`];
}
