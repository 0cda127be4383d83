/** What loads of misbehaving clients share: so many of them at a time, each recorded as a request that is left. */
import type { Environment } from '../../environment/environment.ts';
import { unlessStopped } from '../../platform/wait.ts';
import { rawRequest } from '../../requests/raw-http.ts';
import type { RequestOutcome } from '../../requests/requests.ts';
import { planFor } from '../../requests/sender.ts';
import type { Input } from '../../target/operations/input.ts';
import type { Operation } from '../../target/operations/operation.ts';
import { inputFor } from '../watch.ts';
import { type RawClient, rawClient, sendRaw } from './raw-client.ts';

export interface Misbehaviour {
  environment: Environment;
  operation: Operation;
  input: Input;
  /** Aborts when the load is over, or the run is: the client has to be gone by then. */
  signal: AbortSignal;
}

/** A client that has sent its whole request. */
export async function openClient({ environment, operation, input }: Misbehaviour) {
  const { host, port } = environment.target;
  const websocket = operation.stream?.format === 'websocket';
  const raw = await rawRequest(operation.request(input), `${host}:${port}`, websocket);
  return sendRaw({ host, port }, raw);
}

/** A client that has sent the head of its request, and the first part of the body. */
export async function openHalf(
  { environment, operation, input }: Misbehaviour,
  share: number,
): Promise<RawClient> {
  const { host, port } = environment.target;
  const { head, body } = await rawRequest(operation.request(input), `${host}:${port}`);
  const client = rawClient({ host, port });
  client.write(Buffer.concat([head, body.subarray(0, Math.floor(body.length * share))]));
  return client;
}

/** Sends one request of `operation` by a client that does as `behave` says, and records that it left. */
export async function misbehave(
  environment: Environment,
  operation: Operation,
  stop: AbortSignal,
  behave: (misbehaviour: Misbehaviour) => Promise<RawClient>,
  bytes?: number,
): Promise<void> {
  const input = inputFor(environment, operation, bytes === undefined ? {} : { bytes });
  if (input === null) return;
  const plan = { ...planFor(operation, input, 'load'), leaves: true };
  await environment.requests.send(plan, async (open): Promise<RequestOutcome> => {
    const signal = AbortSignal.any([stop, open.signal]);
    const client = await behave({ environment, operation, input, signal });
    const { status, bodyBytes } = client;
    return { outcome: 'left', status, detail: `left after ${bodyBytes} bytes of the answer` };
  });
}

/** `count` clients, so many of them at a time. */
export async function inSequence(
  { clients, count }: { clients: number; count: number },
  stop: AbortSignal,
  one: (number: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count && !stop.aborted) await unlessStopped(one(next++), stop);
  };
  await Promise.all(Array.from({ length: clients }, worker));
}
