/** The scripted model in a process of its own: its load and its pauses are not the run's. */
import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, HanglabError } from '../platform/errors.ts';
import { moduleUrl } from '../platform/module-url.ts';
import type { ModelEvent } from './delivery/exchange.ts';
import type { Command, FromModel, Started, StartOptions, ToModel } from './process-messages.ts';
import { parseRules, type Rule } from './rules/rules.ts';

export interface ScriptedModel extends AsyncDisposable {
  /** The base URL that OpenAI clients take: `http://127.0.0.1:PORT/v1`. */
  readonly url: string;
  readonly port: number;
  /** The further ports, by their names. */
  readonly upstreams: Readonly<Record<string, { url: string; port: number }>>;
  /** PEM of what clients have to trust; null without TLS. */
  readonly certificate: string | null;
  readonly pid: number;
  /**
   * Replaces the rules; resolves when they are in force. Requests in flight keep their behaviour.
   * @throws HanglabError `bad-rules`; like all methods, `model-died`, `model-not-answering`.
   */
  script(rules: readonly Rule[]): Promise<void>;
  /** Takes all rules back, for new requests: what is silent stays so until released or given up. */
  heal(): Promise<void>;
  /** Lets all requests that are silent, held or dripping now finish normally. */
  release(): Promise<void>;
  /** How often each behaviour has taken effect since the start, by name; 0 for one that has not. */
  hits(): Promise<Record<string, number>>;
}

export interface ModelExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The end of what it wrote to stderr. */
  lastWords: string;
}

export interface ScriptedModelOptions extends StartOptions {
  onEvent: (event: ModelEvent) => void;
  /** Called when the process ends without having been asked to. */
  onExit?: (exit: ModelExit) => void;
  /** Ends it when aborted. */
  signal?: AbortSignal;
}

/** Generous: on a busy machine a Node process alone takes seconds to start. */
const START_MS = 30_000;
/** A model that is paused answers nobody; whoever asks must not hang with it. */
const ANSWER_MS = 10_000;
const STOP_GRACE_MS = 1500;
const LAST_WORDS_CHARACTERS = 2000;

/**
 * Starts the model's process and resolves when it listens.
 * @throws HanglabError `port-busy`, `cannot-listen`, `model-died`, `model-not-answering`.
 */
export async function startScriptedModel(options: ScriptedModelOptions): Promise<ScriptedModel> {
  const { signal, onEvent, onExit, ...startOptions } = options;
  signal?.throwIfAborted();
  const child = forkModel();
  const pending = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  let lastWords = '';
  let wanted = true;

  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-LAST_WORDS_CHARACTERS);
  });
  child.on('message', (message: FromModel) => {
    if ('events' in message) {
      for (const event of message.events) onEvent(event);
      return;
    }
    const asked = pending.get(message.reply);
    pending.delete(message.reply);
    if ('failure' in message) {
      asked?.reject(new HanglabError(message.failure.code, message.failure.message));
    } else asked?.resolve(message.value);
  });
  const closed = new Promise<ModelExit>((resolve) => {
    child.once('error', ({ message }) => resolve({ code: null, signal: null, lastWords: message }));
    // `close` comes after the last words have been read, `exit` may come before.
    child.once('close', (code, exitSignal) =>
      resolve({ code, signal: exitSignal, lastWords: lastWords.trim() }),
    );
  });
  closed.then((exit) => {
    for (const asked of pending.values()) asked.reject(diedError(exit));
    pending.clear();
    if (wanted) onExit?.(exit);
  });

  const ask = async (command: Command, deadlineMs = ANSWER_MS): Promise<unknown> => {
    if (!child.connected) throw diedError(await closed);
    const message: ToModel = { id: ++lastId, ...command };
    const asked = Promise.withResolvers<unknown>();
    pending.set(message.id, asked);
    // An error here means that it is dying; `close` then rejects what was asked.
    child.send(message, () => {});
    return withDeadline(asked.promise, deadlineMs, lateError(command, deadlineMs));
  };

  const stop = async (): Promise<void> => {
    wanted = false;
    signal?.removeEventListener('abort', stop);
    if (child.exitCode === null && child.signalCode === null) {
      await ask({ do: 'stop' }, STOP_GRACE_MS).catch(() => {});
      child.kill('SIGKILL');
    }
    await closed;
  };
  signal?.addEventListener('abort', stop);

  try {
    const checked = { ...startOptions, rules: parseRules(startOptions.rules ?? []) };
    const start: Command = { do: 'start', options: checked };
    const started = (await ask(start, START_MS)) as Started;
    return {
      ...started,
      pid: child.pid as number,
      script: async (rules) => {
        await ask({ do: 'script', rules: parseRules(rules) });
      },
      heal: async () => {
        await ask({ do: 'script', rules: [] });
      },
      release: async () => {
        await ask({ do: 'release' });
      },
      hits: async () => (await ask({ do: 'hits' })) as Record<string, number>,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    signal?.throwIfAborted();
    throw error;
  }
}

function forkModel(): ChildProcess {
  const file = moduleUrl('./process', import.meta.url);
  // Options meant for the parent (a debugger's port, a test runner's loader) are not for the model.
  const { NODE_OPTIONS: _, ...env } = process.env;
  return fork(file, ['--forked'], {
    env,
    // A process group of its own: Ctrl-C is for the run alone, and the reaper ends whole groups.
    detached: true,
    // A small nursery: the model makes much garbage and keeps none of it (300 MB resident without, 180 with).
    execArgv: ['--max-semi-space-size=4', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

function diedError({ code, signal, lastWords }: ModelExit): HanglabError {
  const how = signal ? `killed by ${signal}` : `exit code ${code}`;
  const words = lastWords ? `; its last words: ${lastWords}` : '';
  return new HanglabError('model-died', `The scripted model's process has ended (${how})${words}`, {
    exitCode: EXIT.internal,
  });
}

function lateError(command: Command, deadlineMs: number): HanglabError {
  return new HanglabError(
    'model-not-answering',
    `The scripted model's process did not carry out "${command.do}" within ${deadlineMs / 1000} s: is it paused, or the machine overloaded?`,
    { exitCode: EXIT.internal },
  );
}

async function withDeadline<T>(promise: Promise<T>, ms: number, late: HanglabError): Promise<T> {
  const timer = new AbortController();
  const deadline = sleep(ms, undefined, { signal: timer.signal }).then(() => {
    throw late;
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    timer.abort();
    deadline.catch(() => {});
  }
}
