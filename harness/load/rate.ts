/** How loads send: at a fixed rate, or so many clients one request after another. */
import type { Environment } from '../environment/environment.ts';
import { pause, unlessStopped } from '../platform/wait.ts';
import type { RequestResult } from '../requests/requests.ts';
import type { Operation } from '../target/operations/operation.ts';
import { type InputChoice, sendOnce } from './watch.ts';

/** A client's own pause after a refusal, so that a refusing server is not hammered. */
export const PAUSE_AFTER_FAILURE_MS = 100;

export interface Sending {
  environment: Environment;
  /** Asked before each request, since it may change: the next of these is sent. */
  choose(): readonly Operation[];
  group: string;
  stop: AbortSignal;
  input?: InputChoice;
  /** In warmup a stream without an end is looked at for a moment, and not held until the load ends. */
  isWarmup?: boolean;
}

type Send = () => Promise<RequestResult | null>;

/** Sends the chosen operations in turn. */
function inTurn({ environment, choose, group, stop, isWarmup, input }: Sending): Send {
  let turn = 0;
  return async () => {
    const chosen = choose();
    const operation = chosen[turn++ % Math.max(1, chosen.length)];
    const leave = isWarmup ? undefined : stop;
    return operation ? sendOnce(environment, operation, group, leave, input) : null;
  };
}

/** One each `everyMs`, whatever has become of those before: an open loop. */
export async function atRate(sending: Sending, everyMs: number): Promise<void> {
  const send = inTurn(sending);
  while (!sending.stop.aborted) {
    void send();
    await pause(everyMs, sending.stop);
  }
}

/** `clients` of them one after another, `count` altogether. */
export async function byClients(sending: Sending, clients: number, count: number): Promise<void> {
  const { stop } = sending;
  const send = inTurn(sending);
  let left = count;
  const one = async (): Promise<void> => {
    while (left-- > 0 && !stop.aborted) {
      const answered = send().then(async (result) => {
        if (result?.outcome !== 'ok') await pause(PAUSE_AFTER_FAILURE_MS, stop);
      });
      await unlessStopped(answered, stop);
    }
  };
  await Promise.all(Array.from({ length: clients }, one));
}

/** `count` at the same time; resolves when all have been answered, or `stop` aborts. */
export async function atOnce(sending: Sending, count: number): Promise<void> {
  const send = inTurn(sending);
  await unlessStopped(Promise.all(Array.from({ length: count }, send)), sending.stop);
}
