/** How long ago each connection last carried a byte, as the kernel tells it through `ss`. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface SocketAge {
  /** Milliseconds since the last byte came in, and since the last went out. */
  receivedMs: number;
  sentMs: number;
}

const LIMIT_MS = 3000;

/** Ages by inode; empty where `ss` (iproute2) is not installed. Some 10 ms. */
export async function socketAges(signal?: AbortSignal): Promise<Map<number, SocketAge>> {
  const child = spawn('ss', ['-tinHeO'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: LIMIT_MS,
    ...(signal && { signal }),
  });
  const failed = new Promise<string>((resolve) => child.once('error', () => resolve('')));
  const output = await Promise.race([text(child.stdout), failed]);
  return new Map(output.split('\n').flatMap(ageOf));
}

function ageOf(row: string): [number, SocketAge][] {
  const number = (name: string) =>
    Number(new RegExp(`\\b${name}:(\\d+)`).exec(row)?.[1] ?? Number.NaN);
  const inode = number('ino');
  if (!Number.isFinite(inode)) return [];
  return [[inode, { receivedMs: number('lastrcv') || 0, sentMs: number('lastsnd') || 0 }]];
}
