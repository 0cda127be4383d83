/** A real target, as a separate process or in this one, with a client for it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { monotonicMs } from '../../harness/platform/clock.ts';
import { loadConfig } from '../config/load.ts';
import { loadDefect } from '../defects/index.ts';
import type { StateCounts } from '../documents/states.ts';
import { startServer } from '../server.ts';
import { startTestModel, type TestModel } from './model.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of any shape are looked into
  body: any;
  headers: Headers;
  durationMs: number;
}

export interface Target extends AsyncDisposable {
  readonly url: string;
  readonly data: string;
  readonly model: TestModel;
  request(path: string, init?: RequestInit): Promise<Answer>;
  upload(title: string, text: string, init?: RequestInit): Promise<Answer>;
  search(query: string, limit?: number): Promise<Answer>;
  counts(): Promise<{ documents: StateCounts; rows: StateCounts }>;
  post(path: string, body: object): Promise<Answer>;
}

/** A target in a process of its own. */
export interface TargetProcess extends Target {
  readonly process: ChildProcess;
  /** The line that it prints once it listens. */
  // biome-ignore lint/suspicious/noExplicitAny: looked into by tests
  readonly listening: any;
  /** Everything that it has printed. */
  readonly output: () => string;
  kill(signal: NodeJS.Signals): Promise<number | null>;
  /** Kills it and starts another one on the same data. */
  restart(): Promise<void>;
}

export interface TargetOptions {
  defect?: string;
  flags?: readonly string[];
  model?: TestModel;
}

/** Starts one as a process. */
export async function startTarget(options: TargetOptions = {}): Promise<TargetProcess> {
  await using stack = new AsyncDisposableStack();
  const ground = await prepare(options, stack);
  const flags = [...ground.flags, ...(options.defect ? ['--defect', options.defect] : [])];
  let current = await launch(ground.data, flags);
  stack.defer(() => end(current.child, 'SIGKILL').then(() => {}));
  const moved = stack.move();
  return {
    ...clientOf(() => current.listening.url),
    get url() {
      return current.listening.url;
    },
    data: ground.data,
    model: ground.model,
    get process() {
      return current.child;
    },
    get listening() {
      return current.listening;
    },
    output: () => current.output(),
    kill: (signal) => end(current.child, signal),
    async restart() {
      await end(current.child, 'SIGKILL');
      current = await launch(ground.data, flags);
    },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

/** Starts one in this process: faster, for tests that neither crash nor block it. */
export async function startTargetHere(options: TargetOptions = {}): Promise<Target> {
  await using stack = new AsyncDisposableStack();
  const ground = await prepare(options, stack);
  const flags = [...ground.flags, '--log-level', 'silent', '--grace-ms', '500'];
  const { config } = loadConfig({ flags, environment: {} });
  const defect = options.defect ? await loadDefect(options.defect) : null;
  const server = stack.use(await startServer(config, defect));
  const moved = stack.move();
  return {
    ...clientOf(() => server.url),
    url: server.url,
    data: ground.data,
    model: ground.model,
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

async function prepare(options: TargetOptions, stack: AsyncDisposableStack) {
  const data = await mkdtemp(join(tmpdir(), 'hanglab-target-test-'));
  stack.defer(() => rm(data, { recursive: true, force: true }));
  const model = options.model ?? stack.use(await startTestModel());
  const urls = ['--model-url', model.url, '--embeddings-url', model.url];
  return { data, model, flags: ['--data', data, ...urls, ...(options.flags ?? [])] };
}

function clientOf(
  url: () => string,
): Pick<Target, 'request' | 'upload' | 'search' | 'counts' | 'post'> {
  const request = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const startedAtMs = monotonicMs();
    const response = await fetch(`${url()}${path}`, init);
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      body: json ? JSON.parse(text) : text,
      headers: response.headers,
      durationMs: monotonicMs() - startedAtMs,
    };
  };
  const post = (path: string, body: object) =>
    request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  return {
    request,
    upload(title, text, init = {}) {
      const form = new FormData();
      form.set('title', title);
      form.set('file', new Blob([text], { type: 'text/markdown' }), 'document.md');
      return request('/api/v1/knowledge/documents', { ...init, method: 'POST', body: form });
    },
    search: (query, limit = 10) => post('/api/v1/knowledge/search', { query, limit }),
    post,
    counts: async () => (await request('/api/v1/knowledge/documents?limit=1')).body,
  };
}

/** Runs the target with `flags` until it ends by itself: for those that are refused. */
export async function runToEnd(
  flags: readonly string[],
  environment: Record<string, string> = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [MAIN, ...flags], {
    env: { ...process.env, ...environment },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes) => {
    stdout += bytes;
  });
  child.stderr.on('data', (bytes) => {
    stderr += bytes;
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

async function launch(data: string, flags: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Temporary files are removed with the data.
    env: { ...process.env, TMPDIR: data },
  });
  const lines: string[] = [];
  child.stderr.on('data', (bytes) => lines.push(String(bytes)));
  // biome-ignore lint/suspicious/noExplicitAny: looked into by tests
  const listening = await new Promise<any>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line);
      if (line.includes('"event":"listening"')) resolve(JSON.parse(line));
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${lines.join('\n')}`)));
  });
  return { child, listening, output: () => lines.join('\n') };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
  return child.exitCode;
}

/** How `work` ended: its status, or `hangs` when it has not within `limitMs`. */
export async function statusWithin(
  work: (signal: AbortSignal) => Promise<Answer>,
  limitMs: number,
): Promise<number | 'hangs'> {
  const signal = AbortSignal.timeout(limitMs);
  try {
    return (await work(signal)).status;
  } catch (error) {
    if (signal.aborted) return 'hangs';
    throw error;
  }
}

/** Asks until the answer is true, every 25 ms, for at most `limitMs`; the last answer otherwise. */
export async function eventually(
  ask: () => Promise<boolean> | boolean,
  limitMs = 10_000,
): Promise<boolean> {
  const untilMs = monotonicMs() + limitMs;
  for (;;) {
    if (await ask()) return true;
    if (monotonicMs() > untilMs) return false;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const WORDS = 'river stone harbour lantern copper meadow engine signal ribbon orchard'.split(' ');

/** A document of about `bytes` bytes whose first sentence is its own: `marker` occurs only there. */
export function documentText(marker: string, bytes = 12_000): string {
  const sentences = [`The ${marker} is kept in the archive.`];
  for (let i = 0; sentences.length * 50 < bytes; i++) {
    const word = (offset: number) => WORDS[(i * 7 + offset * 3) % WORDS.length];
    sentences.push(`Line ${i} says that the ${word(0)} is near the ${word(1)} number ${i}.`);
  }
  return sentences.join(' ');
}
