/** The load of the benchmark, in Go: one measurement for each order. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { moduleUrl } from '../../platform/module-url.ts';

export interface Order {
  Mode:
    | 'pingpong'
    | 'download'
    | 'upload'
    | 'fetch'
    | 'send'
    | 'hold'
    | 'release'
    | 'first-byte'
    | 'whole'
    | 'closing';
  Address?: string;
  Connections?: number;
  Seconds?: number;
  KiloBytes?: number;
  MegaBytes?: number;
}

export interface Measured {
  P50Us: number;
  P99Us: number;
  BytesPerSecond: number;
  DelaysMs?: number[];
}

export interface Load extends AsyncDisposable {
  /** Addresses of its echo, source and sink of bytes, of its receipts for them, and of its blocks. */
  readonly upstreams: Record<'echo' | 'source' | 'sink' | 'receipt' | 'block', string>;
  measure(order: Order): Promise<Measured>;
}

export async function startLoad(): Promise<Load> {
  const source = moduleUrl('./load', import.meta.url).pathname.replace(/\.[tj]s$/, '.go');
  const child = spawn('go', ['run', source], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async <T>(): Promise<T> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the load has ended');
    return JSON.parse(value) as T;
  };
  return {
    upstreams: await next(),
    async measure(order) {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      const measured = await next<Measured & { Error?: string }>();
      if (measured.Error) throw new Error(`${order.Mode}: ${measured.Error}`);
      return measured;
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}
