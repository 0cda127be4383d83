/** What the kernel counts of each connection, as `ss` shows it: bytes, and how long ago the last came. */
import { runTool } from '../../platform/run-tool.ts';
import type { TcpInfo } from '../facts/outside-facts.ts';

const LIMIT_MS = 3000;

/** By inode, of the sockets in hanglab's own network namespace; empty where `ss` (iproute2) is not installed. Some 10 ms. */
export async function readTcpInfo(
  inodes: ReadonlySet<number>,
  signal?: AbortSignal,
): Promise<Record<number, TcpInfo>> {
  if (inodes.size === 0) return {};
  const { output } = await runTool('ss', ['-tinHeO'], {
    limitMs: LIMIT_MS,
    ...(signal && { signal }),
  });
  return Object.fromEntries(
    output
      .split('\n')
      .flatMap(infoOf)
      .filter(([inode]) => inodes.has(inode)),
  );
}

function infoOf(row: string): [number, TcpInfo][] {
  const number = (name: string) =>
    Number(new RegExp(`\\b${name}:(\\d+)`).exec(row)?.[1] ?? Number.NaN);
  const inode = number('ino');
  if (!Number.isFinite(inode)) return [];
  const info = {
    receivedMs: number('lastrcv') || 0,
    sentMs: number('lastsnd') || 0,
    bytesReceived: number('bytes_received') || 0,
    bytesAcked: number('bytes_acked') || 0,
  };
  return [[inode, info]];
}
