/** Every setting of the reference server: its type, bounds, default and meaning, in one place. */
import { z } from 'zod';

const ms = z.coerce.number().int().min(1).max(3_600_000);
const count = z.coerce.number().int().min(1).max(1_000_000);
const base = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !URL.parse(url)?.username, 'must not hold a user or password: use apiKey')
  .transform((url) => url.replace(/\/+$/, ''));

/**
 * Settings by name. The same name is used in the JSON file (`attemptMs`), in the environment
 * (`TARGET_ATTEMPT_MS`) and as a flag (`--attempt-ms`). The limits are small on purpose: a harness
 * derives its durations from them, and larger ones would only make it slower.
 */
export const settings = {
  port: z.coerce.number().int().min(0).max(65_535).default(0).describe('0 takes a free one'),
  data: z.string().min(1).optional().describe('folder; a temporary one when absent'),
  modelUrl: base.describe('OpenAI-compatible base for chat completions'),
  embeddingsUrl: base.describe('OpenAI-compatible base for embeddings'),
  model: z.string().min(1).default('scripted'),
  embeddingsModel: z.string().min(1).default('scripted-embeddings'),
  dimensions: z.coerce.number().int().min(8).max(4096).default(256).describe('of an embedding'),
  apiKey: z.string().min(1).optional().describe('sent as a bearer token; never printed'),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  seed: z.coerce.number().int().default(1).describe('of the jitter in back-offs'),

  attemptMs: ms.default(1200).describe('one attempt at the model, end to end'),
  requestMs: ms.default(2000).describe('one client request, end to end'),
  idleMs: ms.default(300).describe('longest silence between two chunks of an answer'),
  graceMs: ms.default(2000).describe('from SIGTERM to the end of the process'),

  turnMs: ms.default(6000).describe('one chat turn, end to end'),

  attempts: z.coerce.number().int().min(1).max(10).default(2).describe('at the model, a request'),
  backoffMs: ms.default(100).describe('ceiling of the first back-off; doubles, full jitter'),
  permits: count.default(2).describe('model calls of uploads at the same time'),
  searchPermits: count.default(4).describe('model calls of searches at the same time'),
  uploadsAtOnce: count.default(24).describe('beyond: 503'),
  documentBytes: count.default(262_144).describe('beyond: 413'),

  queueRows: count.default(400).describe('unfinished rows; beyond: 503'),
  cascadeSlots: count.default(24).describe('rows worked on at the same time'),
  leaseMs: ms
    .default(3000)
    .describe('a claim ends when its holder has not renewed it for this long'),
  rowBackoffMs: ms.default(150).describe('before a refused row is tried again; doubles'),
  rowBackoffMaxMs: ms.default(1000),
  rowAttempts: count.default(8).describe('refusals after which a row is shown as failed'),
  writeMs: ms.default(1000).describe('one write to the vector table'),
  compactEveryWrites: count.default(50),
  queueAgeMs: ms.default(4000).describe('oldest unfinished row or task beyond this: not ready'),

  turnsAtOnce: count.default(32).describe('chat turns; beyond: 503'),
  turnPermits: count.default(16).describe('model calls of chat turns at the same time'),
  toolRounds: z.coerce.number().int().min(1).max(20).default(4).describe('of tool calls in a turn'),
  answerCharacters: count.default(524_288).describe('of one answer; beyond: the turn fails'),
  heartbeatMs: ms.default(500).describe('between two comments in a chat stream'),
  historyTokens: count.default(4000).describe('of a session that are sent to the model'),
  compressionMs: ms
    .default(600)
    .describe('how long a turn waits for its history to be compressed; then it continues without'),
  sessionBytes: count.default(1_048_576).describe('of a session that a client imports'),

  eventClients: count.default(256).describe('WebSockets; beyond: 503'),
  flushMs: ms.default(40).describe('how long pieces of an answer are collected for one event'),
  clientBufferBytes: count
    .default(262_144)
    .describe('unread by a streaming client; beyond: it is dropped'),
  pingMs: ms.default(1000).describe('a WebSocket that misses a ping is dropped at the next'),

  sessionPermits: count.default(4).describe('model calls of tasks and compressions at once'),
  tasksAtOnce: count.default(200).describe('unfinished tasks; beyond: 503'),
  handlerMs: ms.default(1500).describe('one task, from its start'),
  workerThreads: z.coerce
    .number()
    .int()
    .min(1)
    .max(16)
    .default(2)
    .describe('for work that would occupy the event loop'),
} as const;

export type SettingName = keyof typeof settings;
export const SETTING_NAMES = Object.keys(settings) as SettingName[];

export const configSchema = z.strictObject(settings).superRefine((config, context) => {
  if (config.idleMs >= config.attemptMs) {
    context.addIssue({
      code: 'custom',
      path: ['idleMs'],
      message: `must be below attemptMs (${config.attemptMs}), or it can never act`,
    });
  }
  if (config.attemptMs > config.requestMs) {
    context.addIssue({
      code: 'custom',
      path: ['attemptMs'],
      message: `must not be above requestMs (${config.requestMs})`,
    });
  }
});

export type Config = z.output<typeof configSchema>;

/** `attemptMs` -> `--attempt-ms`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `attemptMs` -> `TARGET_ATTEMPT_MS`. */
export function variableOf(name: string): string {
  return `TARGET_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** The settings as they may be printed: secrets are replaced. */
export function redacted(config: Config): Record<string, unknown> {
  return { ...config, ...(config.apiKey ? { apiKey: '[redacted]' } : {}) };
}
