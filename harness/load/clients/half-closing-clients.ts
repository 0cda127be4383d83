/**
 * Clients that send a whole request and then close their sending half (FIN), as `nc` and some HTTP
 * clients do: they still want the answer. Straight to the target, since Toxiproxy cannot carry a
 * half-close.
 */
import { connect } from 'node:net';
import { z } from 'zod';
import type { Environment } from '../../environment/environment.ts';
import { checkOptions } from '../../platform/options.ts';
import { pause } from '../../platform/wait.ts';
import type { RequestOutcome } from '../../requests/requests.ts';
import type { HttpRequest } from '../../target/operations/http-message.ts';
import { type Timing, timing, timingMs } from '../../target/timing.ts';
import { type Load, THROUGH_FAULT } from '../load.ts';

const SHAPE = z.strictObject({ every: timing });

export function halfClosingClients(options: { every: Timing }): Load {
  checkOptions('halfClosingClients', SHAPE, options);
  const one = ({ requests, target, operations, inputs }: Environment): Promise<unknown> => {
    const operation = operations
      .all('read')
      .find((each) => each.request(sampleOf(inputs)).body === null);
    if (!operation) return Promise.resolve();
    const plan = { operation: `${operation.name}, half-closed`, operationKind: 'read' } as const;
    const wanted = operation.request(inputs.input(inputs.nextIndex(), { bytes: 0 }));
    return requests.send({ ...plan, group: 'others' }, ({ signal }) => ask(target, wanted, signal));
  };
  return {
    name: 'half-closing clients',
    needs: ['read'],
    during: THROUGH_FAULT,
    async warmup(environment) {
      await one(environment);
    },
    async run(environment, stop) {
      const everyMs = timingMs(options.every, environment.declared.limits);
      while (!stop.aborted) {
        void one(environment);
        await pause(everyMs, stop);
      }
    },
  };
}

const sampleOf = (inputs: Environment['inputs']) => inputs.input(0, { bytes: 0 });

function ask(
  { host, port }: { host: string; port: number },
  { method, path, headers }: HttpRequest,
  signal: AbortSignal,
): Promise<RequestOutcome> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ host, port, allowHalfOpen: true, signal });
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`${method} ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\n${lines.join('')}\r\n`);
    socket.setEncoding('utf8');
    socket.on('data', (text) => {
      answer += text;
    });
    socket.on('error', reject);
    socket.on('close', () => {
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? 0);
      const detail = status === 0 ? 'closed without an answer' : null;
      const ok = status >= 200 && status < 300;
      resolve({ outcome: ok ? 'ok' : 'failed', status: status || null, detail });
    });
  });
}
