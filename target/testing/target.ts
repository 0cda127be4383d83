/** A real target as a process of its own, and a client for it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { monotonicMs } from '../../harness/clock.ts';
import type { StateCounts } from '../documents/states.ts';
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
  readonly process: ChildProcess;
  /** The line that it prints once it listens. */
  // biome-ignore lint/suspicious/noExplicitAny: looked into by tests
  readonly listening: any;
  /** Everything that it has printed. */
  readonly output: () => string;
  request(path: string, init?: RequestInit): Promise<Answer>;
  upload(title: string, text: string, init?: RequestInit): Promise<Answer>;
  search(query: string, limit?: number): Promise<Answer>;
  counts(): Promise<{ documents: StateCounts; rows: StateCounts }>;
  kill(signal: NodeJS.Signals): Promise<number | null>;
  /** Kills it and starts another one on the same data. */
  restart(flags?: readonly string[]): Promise<void>;
}

export interface TargetOptions {
  defect?: string;
  flags?: readonly string[];
  model?: TestModel;
}

export async function startTarget(options: TargetOptions = {}): Promise<Target> {
  const model = options.model ?? (await startTestModel());
  const data = await mkdtemp(join(tmpdir(), 'hanglab-target-test-'));
  const flags = [
    ...['--data', data, '--model-url', model.url, '--embeddings-url', model.url],
    ...(options.defect ? ['--defect', options.defect] : []),
    ...(options.flags ?? []),
  ];
  let current = await launch(flags);

  const request = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const startedAtMs = monotonicMs();
    const response = await fetch(`${current.listening.url}${path}`, init);
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      body: json ? JSON.parse(text) : text,
      headers: response.headers,
      durationMs: monotonicMs() - startedAtMs,
    };
  };

  return {
    get url() {
      return current.listening.url;
    },
    data,
    model,
    get process() {
      return current.child;
    },
    get listening() {
      return current.listening;
    },
    output: () => current.output(),
    request,
    upload(title, text, init = {}) {
      const form = new FormData();
      form.set('title', title);
      form.set('file', new Blob([text], { type: 'text/markdown' }), 'document.md');
      return request('/api/v1/knowledge/documents', { ...init, method: 'POST', body: form });
    },
    search: (query, limit = 10) =>
      request('/api/v1/knowledge/search', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, limit }),
      }),
    counts: async () => (await request('/api/v1/knowledge/documents?limit=1')).body,
    kill: (signal) => end(current.child, signal),
    async restart(more = []) {
      await end(current.child, 'SIGKILL');
      current = await launch([...flags, ...more]);
    },
    async [Symbol.asyncDispose]() {
      await end(current.child, 'SIGKILL');
      if (!options.model) await model[Symbol.asyncDispose]();
      await rm(data, { recursive: true, force: true });
    },
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

async function launch(flags: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
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
