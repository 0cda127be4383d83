/** The TCP state of a connection's end, as the kernel has it. */
import { readFileSync } from 'node:fs';
import { monotonicMs } from '../../platform/clock.ts';

const STATES: Record<string, string> = {
  '01': 'ESTABLISHED',
  '02': 'SYN_SENT',
  '03': 'SYN_RECV',
  '04': 'FIN_WAIT1',
  '05': 'FIN_WAIT2',
  '06': 'TIME_WAIT',
  '07': 'CLOSE',
  '08': 'CLOSE_WAIT',
  '09': 'LAST_ACK',
  '0B': 'CLOSING',
};

export const canReadTcpStates = process.platform === 'linux';

/** Of the end on `localPort` that speaks to `remotePort`; `none` when there is no such socket. */
export function tcpState(localPort: number, remotePort: number): string {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    const [, local = '', remote = '', state = ''] = line.trim().split(/\s+/);
    if (local.endsWith(`:${hex(localPort)}`) && remote.endsWith(`:${hex(remotePort)}`)) {
      return STATES[state] ?? state;
    }
  }
  return 'none';
}

/** Waits until the state is `wanted`; returns the last one seen, after 2 s at most. */
export async function untilTcpState(
  localPort: number,
  remotePort: number,
  wanted: string,
): Promise<string> {
  const until = monotonicMs() + 2_000;
  for (;;) {
    const state = tcpState(localPort, remotePort);
    if (state === wanted || monotonicMs() > until) return state;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
