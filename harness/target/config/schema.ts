/** What a config must look like: every problem at once, each with its place and the nearest name. */
import { z } from 'zod';
import { OPERATION_KINDS } from '../../history/events.ts';
import { toMs } from '../../platform/duration.ts';
import { didYouMean, messageOf } from '../../platform/errors.ts';
import { pathProblem } from '../operations/json-path.ts';
import { STREAM_FORMATS } from '../operations/stream-spec.ts';
import { selectorProblem } from '../progress/metrics.ts';
import { MODEL_ROLES } from '../upstreams.ts';

const fn = z.custom<(...args: never[]) => unknown>(
  (value) => typeof value === 'function',
  'expected a function',
);

const duration = z.union([z.string(), z.number()]).superRefine((value, context) => {
  try {
    toMs(value as string);
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) });
  }
});

const jsonPath = z.string().superRefine((value, context) => {
  const problem = pathProblem(value);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

const reading = z.union([jsonPath, fn]);
const urlPath = z.string().regex(/^\//, 'expected a path below the server, like /health');
const status = z.int().min(100).max(599);
const statuses = z.union([status, z.array(status).min(1)]);
const texts = z.record(z.string(), z.string());
const command = z.union([z.string().min(1), z.array(z.string()).min(1)]);
const environment = z.record(z.string(), z.string().nullable());
const regExp = z.custom<RegExp>(
  (value) => value instanceof RegExp,
  'expected a regular expression',
);

const endpoint = z.union([
  urlPath,
  z.strictObject({ path: urlPath, headers: texts.optional(), good: statuses.optional() }),
]);

const ready = z.union([z.literal('port'), urlPath, z.strictObject({ stdout: regExp })]);

const commandServer = z.strictObject({
  command,
  setup: command.optional(),
  cwd: z.string().optional(),
  env: environment.optional(),
  inheritEnv: z.array(z.string()).optional(),
  ready: ready.optional(),
  readyTimeout: duration.optional(),
  stop: z
    .strictObject({
      signal: z.enum(['SIGTERM', 'SIGINT', 'SIGQUIT']).optional(),
      grace: duration.optional(),
    })
    .optional(),
});

const { ready: readyField, readyTimeout, stop } = commandServer.shape;
const containerServer = z.strictObject({
  container: z.union([
    z.strictObject({ image: z.string().min(1) }),
    z.strictObject({ build: z.string().min(1), dockerfile: z.string().min(1).optional() }),
  ]),
  command: command.optional(),
  env: texts.optional(),
  ...{ ready: readyField, readyTimeout, stop },
});

const port = z.int().min(1).max(65_535);
const attachServer = z.strictObject({
  attach: z.union([z.strictObject({ port }), z.strictObject({ pid: z.int().min(1) })]),
  links: port.optional(),
});

const role = z.enum(MODEL_ROLES);
const upstream = z.union([
  z.strictObject({ model: z.union([z.literal(true), role, z.array(role).min(1)]) }),
  z.strictObject({
    at: z
      .string()
      .regex(/^(\[[\da-fA-F:]+\]|[^:/\s]+):\d{1,5}$/, 'expected host:port, like 127.0.0.1:6379'),
    start: command.optional(),
    http: z.boolean().optional(),
  }),
]);

const limits = z.strictObject({
  request: duration.optional(),
  firstByte: duration.optional(),
  idle: duration.optional(),
  shutdown: duration.optional(),
  health: duration.optional(),
  backlog: z.int().min(1).optional(),
});

const counted = <T extends z.ZodType>(of: T) => ({ open: of, done: of, givenUp: of.optional() });

const selector = z.string().superRefine((value, context) => {
  const problem = selectorProblem(value);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

const sql = z
  .string()
  .regex(/^\s*(select|with)\b/i, 'expected a SELECT whose first value is a number');
const pattern = z.string().min(1, 'expected a pattern, like ${tmp}/done/*.json');

export const PROGRESS_FORMS = {
  get: z.strictObject({ get: urlPath, headers: texts.optional(), ...counted(reading) }),
  metrics: z.strictObject({ metrics: urlPath, headers: texts.optional(), ...counted(selector) }),
  sqlite: z.strictObject({ sqlite: z.string().min(1), ...counted(sql) }),
  files: z.strictObject({ files: z.strictObject(counted(pattern)) }),
  log: z.strictObject({
    log: z.strictObject({ accepted: regExp, done: regExp, givenUp: regExp.optional() }),
  }),
};

const progress = z.union([
  fn,
  z.record(z.string(), z.unknown()).superRefine((value, context) => {
    // Its form is the one of which it has the first word, so that only that form's problems are told.
    const forms = Object.keys(PROGRESS_FORMS) as (keyof typeof PROGRESS_FORMS)[];
    const form = forms.find((name) => name in value);
    if (form === undefined) {
      context.addIssue({ code: 'custom', message: `expected one of ${forms.join(', ')}` });
      return;
    }
    const parsed = PROGRESS_FORMS[form].safeParse(value);
    for (const issue of parsed.error?.issues ?? []) context.addIssue(issue as never);
  }),
]);

const tasks = z.strictObject({ get: urlPath, headers: texts.optional(), count: reading });

const file = z.strictObject({
  text: z.string(),
  filename: z.string().optional(),
  type: z.string().optional(),
});

const requestShape = {
  get: urlPath.optional(),
  post: urlPath.optional(),
  put: urlPath.optional(),
  patch: urlPath.optional(),
  delete: urlPath.optional(),
  headers: z.union([texts, fn]).optional(),
  json: z.unknown().optional(),
  form: z.union([texts, fn]).optional(),
  multipart: z.union([z.record(z.string(), z.union([z.string(), file])), fn]).optional(),
  body: z.union([z.string(), fn]).optional(),
};

const values = z.record(jsonPath, z.unknown());

const operation = z.strictObject({
  ...requestShape,
  kind: z.enum(OPERATION_KINDS).optional(),
  good: z.union([statuses, fn]).optional(),
  id: reading.optional(),
  done: z
    .strictObject({
      ...requestShape,
      until: z.union([values, fn]),
      failed: values.optional(),
      held: reading.optional(),
    })
    .optional(),
  found: z.strictObject({ ...requestShape, copies: reading }).optional(),
  deletes: z.string().optional(),
  idOf: z.string().optional(),
  stream: z
    .union([
      z.enum(STREAM_FORMATS),
      z.strictObject({
        format: z.enum(STREAM_FORMATS),
        ends: z.union([z.string(), fn]).optional(),
        failed: z.union([z.string(), fn]).optional(),
        endless: z.boolean().optional(),
      }),
    ])
    .optional(),
  limits: z
    .strictObject({
      request: duration.optional(),
      firstByte: duration.optional(),
      idle: duration.optional(),
    })
    .optional(),
});

const variant = z.strictObject({
  why: z.string().optional(),
  args: z.array(z.string()).optional(),
  command: command.optional(),
  cwd: z.string().optional(),
  env: environment.optional(),
  setup: command.optional(),
});

export const configSchema = z.strictObject({
  name: z.string().min(1).optional(),
  server: z.union([commandServer, containerServer, attachServer]),
  upstreams: z.record(z.string(), upstream).optional(),
  health: endpoint.optional(),
  readiness: endpoint.optional(),
  limits: limits.optional(),
  progress: progress.optional(),
  tasks: tasks.optional(),
  sqlite: z.string().min(1).optional(),
  probing: z
    .strictObject({
      healthHz: z.number().min(0.1).max(100).optional(),
      maxOpen: z.int().min(1).max(1000).optional(),
    })
    .optional(),
  operations: z.record(z.string(), operation).optional(),
  calibrate: z.boolean().optional(),
  scenarios: z
    .strictObject({
      include: z.array(z.string()).optional(),
      exclude: z.array(z.string()).optional(),
      files: z.array(z.string()).optional(),
      operations: z.array(z.string()).min(1).optional(),
      settings: z
        .record(
          z.string(),
          z.strictObject({
            args: z.array(z.string()).optional(),
            env: texts.optional(),
            operations: z.array(z.string()).min(1).optional(),
          }),
        )
        .optional(),
    })
    .optional(),
  variants: z.record(z.string(), variant).optional(),
});

/** What is wrong with the shape of `config`, a sentence each, with its place. */
export function shapeProblems(config: unknown): string[] {
  const parsed = configSchema.safeParse(config);
  return parsed.success ? [] : parsed.error.issues.flatMap((issue) => sentencesOf(issue));
}

type Issue = z.core.$ZodIssue;

function sentencesOf(issue: Issue, above: readonly PropertyKey[] = []): string[] {
  const path = [...above, ...issue.path];
  const place = path.length === 0 ? 'the config' : path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeysAt(path);
    return issue.keys.map(
      (key) => `${place}: there is no "${key}" here.${nearestOrAll(key, known)}`,
    );
  }
  if (issue.code === 'invalid_union') {
    // Of several forms, the one that fits best says what is wrong with it.
    const [closest] = issue.errors.toSorted((a, b) => badness(a) - badness(b));
    return (closest ?? []).flatMap((each) => sentencesOf(each, path));
  }
  return [`${place}: ${issue.message}`];
}

/** A form of which nothing fits was not meant. */
function badness(issues: readonly Issue[]): number {
  return issues.reduce(
    (sum, { code, path }) => sum + (code === 'invalid_type' && path.length === 0 ? 100 : 1),
    0,
  );
}

function nearestOrAll(key: string, known: readonly string[]): string {
  const hint = didYouMean(key, known);
  if (hint !== '' || known.length === 0) return hint;
  return ` Expected one of ${known.join(', ')}`;
}

const OBJECTS: Record<string, readonly string[]> = {
  '': Object.keys(configSchema.shape),
  server: [...Object.keys(commandServer.shape), 'container', ...Object.keys(attachServer.shape)],
  'server.container': ['image', 'build', 'dockerfile'],
  'server.stop': ['signal', 'grace'],
  limits: Object.keys(limits.shape),
  'operations.*': Object.keys(operation.shape),
  'operations.*.done': [...Object.keys(requestShape), 'until', 'failed', 'held'],
  'operations.*.found': [...Object.keys(requestShape), 'copies'],
  'operations.*.stream': ['format', 'ends', 'failed', 'endless'],
  'upstreams.*': ['model', 'at', 'start', 'http'],
  'variants.*': Object.keys(variant.shape),
  scenarios: ['include', 'exclude', 'files', 'operations', 'settings'],
  'scenarios.settings.*': ['args', 'env', 'operations'],
  progress: ['get', 'metrics', 'sqlite', 'headers', 'open', 'done', 'givenUp', 'files', 'log'],
  'progress.files': ['open', 'done', 'givenUp'],
  'progress.log': ['accepted', 'done', 'givenUp'],
  tasks: Object.keys(tasks.shape),
  health: ['path', 'headers', 'good'],
  readiness: ['path', 'headers', 'good'],
};

function knownKeysAt(path: readonly PropertyKey[]): readonly string[] {
  const names = path.map(String);
  if (names[0] === 'scenarios' && names[1] === 'settings' && names.length === 3) {
    return OBJECTS['scenarios.settings.*'] ?? [];
  }
  const general = names.map((name, i) =>
    i === 1 && ['operations', 'upstreams', 'variants'].includes(names[0] ?? '') ? '*' : name,
  );
  return OBJECTS[general.join('.')] ?? [];
}
