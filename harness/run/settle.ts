/** Waits until a target's counts have come down after quiesce, and tests whether what remains idle is a pool. */
import { allowance } from '../checks/leaks/count-back.ts';
import { idleCount, showsReuse } from '../checks/leaks/idle-pools.ts';
import type { Environment } from '../environment/environment.ts';
import { pause, unlessStopped } from '../platform/wait.ts';
import type { RunningProbes } from '../probes/start.ts';
import type { Operation } from '../target/operations/operation.ts';
import { drained, type LastSeen } from './drain.ts';

const POLL_MS = 200;
/** Idle sockets and pools go back within this: Node's servers keep idle connections for 5 s. */
const SETTLE_LIMIT_MS = 6_000;
/** Idle connections to an upstream may stay longer: aiohttp's for 15 s, and httpx drops its own only at the next call. */
const POOL_LIMIT_MS = 16_500;
/** As many calls at once as tell a pool from a leak, and as any server takes. */
const POOL_CALLS = 8;

/**
 * Waits, for a while, until the descriptors are where they were after warmup: well below what the check
 * allows, so that one more or less in its own sample decides nothing. Idle connections to upstreams get longer,
 * unless they are seen to be a pool: some have no end.
 */
export async function settled(
  environment: Environment,
  seen: LastSeen,
  probes: RunningProbes,
  stop: AbortSignal,
): Promise<void> {
  const { recorder, requests, upstreams } = environment;
  const allowed = (seen.afterWarmup?.fds ?? 0) + allowance(requests.suspects) / 3;
  const sinceMs = recorder.elapsedMs();
  /** Pools drop what has grown old when a connection is taken; only what they keep then is tested. */
  const steps = [
    () => callUpstreams(environment),
    () => testPool(environment, seen, probes, stop),
  ].values();
  while (!stop.aborted) {
    await unlessStopped(probes.sampleNow(), stop);
    if (seen.sample && seen.sample.fds <= allowed) return;
    const waitedMs = recorder.elapsedMs() - sinceMs;
    if (waitedMs >= POOL_LIMIT_MS) return;
    if (waitedMs >= SETTLE_LIMIT_MS) {
      const idle = idleCount(seen.resources?.sockets ?? [], Object.keys(upstreams));
      if (idle < (seen.sample?.fds ?? 0) - allowed) return;
      if (await steps.next().value?.()) return;
    }
    await pause(POLL_MS, stop);
  }
}

/** One request of each operation that calls an upstream: pools look after their connections when one is taken. */
async function callUpstreams(environment: Environment): Promise<false> {
  const { sender } = environment;
  await Promise.all(callers(environment).map((operation) => call(environment, operation)));
  sender.closeIdle();
  return false;
}

/** Several calls at once, of the operation behind most of the idle connections; true when they are a pool that stays. */
async function testPool(
  environment: Environment,
  seen: LastSeen,
  probes: RunningProbes,
  stop: AbortSignal,
): Promise<boolean> {
  const { operations, recorder, sender } = environment;
  const idle = (upstreams: readonly string[]) =>
    idleCount(seen.resources?.sockets ?? [], upstreams);
  const [most] = callers(environment)
    .map((operation) => ({ operation, upstreams: [...(operations.uses(operation) ?? [])] }))
    .toSorted((a, b) => idle(b.upstreams) - idle(a.upstreams));
  if (!most) return false;
  const { operation, upstreams } = most;
  const idleBefore = idle(upstreams);
  const count = Math.min(POOL_CALLS, idleBefore);
  const results = await Promise.all(
    Array.from({ length: count }, () => call(environment, operation)),
  );
  await drained(environment, seen, stop);
  // The clients' own connections are no part of what remains.
  sender.closeIdle();
  await pause(POLL_MS, stop);
  await unlessStopped(probes.sampleNow(), stop);
  if (stop.aborted) return false;
  const calls = results.filter(({ outcome }) => outcome === 'ok').length;
  const test = {
    kind: 'pool-test' as const,
    upstreams,
    idleBefore,
    calls,
    idleAfter: idle(upstreams),
  };
  recorder.record(test);
  // Where it went down it may go on to.
  return showsReuse(test) && test.idleAfter >= idleBefore;
}

function callers({ operations }: Environment): readonly Operation[] {
  return operations
    .sendable(['read', 'write'])
    .filter((operation) => (operations.uses(operation)?.size ?? 0) > 0 && !operation.needsId);
}

function call({ sender, inputs }: Environment, operation: Operation) {
  return sender.send(operation, { ...inputs.input(inputs.nextIndex(), { bytes: 4000 }), id: null });
}
