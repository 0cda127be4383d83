/**
 * Clients that send a whole request and then close their sending half (FIN), as `nc` and some HTTP
 * clients do: they still want the answer. Straight to the target, since Toxiproxy cannot carry a
 * half-close.
 */
import { connect } from 'node:net';
import { type Duration, toMs } from '../platform/duration.ts';
import type { Environment } from '../run/environment.ts';
import { type Load, pause, THROUGH_FAULT } from './load.ts';
import type { Answer } from './requests.ts';

export function halfClosingClients({ every }: { every: Duration }): Load {
  const everyMs = toMs(every);
  const one = ({ requests, target }: Environment): Promise<unknown> =>
    requests.send({ operation: 'half-close', group: 'others' }, (signal) => ask(target, signal));
  return {
    name: 'half-closing clients',
    during: THROUGH_FAULT,
    async warmup(environment) {
      await one(environment);
    },
    async run(environment, stop) {
      while (!stop.aborted) {
        void one(environment);
        await pause(everyMs, stop);
      }
    },
  };
}

function ask({ host, port }: { host: string; port: number }, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ host, port, allowHalfOpen: true, signal });
    socket.end(`GET /api/v1/knowledge/documents?limit=5 HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
    socket.setEncoding('utf8');
    socket.on('data', (text) => {
      answer += text;
    });
    socket.on('error', reject);
    socket.on('close', () => {
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
      resolve({ status, detail: status === 0 ? 'closed without an answer' : null });
    });
  });
}
