/** The two sides of the benchmark, each in a process of its own, and the clients that they serve. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const HANGLAB = here('../../../bin/hanglab.js');

export interface Served extends AsyncDisposable {
  url: string;
  pid: number;
}

/** Installs it into a temporary folder, which goes with what is returned. */
export async function installAimock(): Promise<{ folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'hanglab-aimock-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const install = ['install', '--no-audit', '--no-fund', '--prefix', folder];
    await promisify(execFile)('npm', [...install, '@copilotkit/aimock@1.43.0']);
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, [Symbol.asyncDispose]: remove };
}

/** `tokenMs`: between two events; 0 for as fast as it can. */
export function startAimock(folder: string, text: string, tokenMs: number): Promise<Served> {
  const args = [here('./aimock.mjs'), folder, text, String(tokenMs), '5'];
  return serve(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
}

export function startModel(...options: string[]): Promise<Served> {
  const args = [HANGLAB, 'model', '--port', '0', '--json', '--ttft', '0', ...options];
  return serve(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
}

async function serve(child: ChildProcess): Promise<Served> {
  const exited = once(child, 'exit');
  const lines = createInterface(child.stdout as NodeJS.ReadableStream);
  const [line] = (await Promise.race([once(lines, 'line'), exited])) as [unknown];
  if (typeof line !== 'string') throw new Error('a server of the benchmark did not start');
  const { url, pid } = JSON.parse(line) as { url: string; pid: number };
  return {
    url,
    pid,
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}

export interface Order {
  Mode: 'stream' | 'hold' | 'release';
  URL?: string;
  Body?: string;
  Streams?: number;
  Seconds?: number;
  PaceMs?: number;
}

export interface Measured {
  EventsPerSecond: number;
  /** Of the time between two events. */
  GapErrorMs: number;
  GapErrorP99: number;
  /** Of each event against the pace, counted from the first one. */
  LateMs: number;
  LateP99: number;
}

export interface Clients extends AsyncDisposable {
  measure(order: Order): Promise<Measured>;
}

export function startClients(): Clients {
  const child = spawn('go', ['run', here('./load.go')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async measure(order) {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('the clients have ended');
      const measured = JSON.parse(value) as Measured & { Error?: string };
      if (measured.Error) throw new Error(`${order.Mode}: ${measured.Error}`);
      return measured;
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}
