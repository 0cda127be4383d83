/** Looks inside a Node process, through its inspector; the one at its suspended functions can be asked further. */
import { setTimeout as sleep } from 'node:timers/promises';
import { HanglabError, messageOf } from '../../platform/errors.ts';
import { readFds } from '../../platform/procfs/fds.ts';
import { readSockets } from '../../platform/procfs/sockets.ts';
import { type AwaitLook, inspectAwaits } from '../awaits/collect.ts';
import type { AwaitFacts } from '../facts/await-facts.ts';
import type { Look, ProcessFacts } from '../facts/facts.ts';
import { inspectorRefusal } from '../inspector/eligibility.ts';
import { releaseAll } from '../inspector/remote-objects.ts';
import { runningStack } from '../inspector/running-stack.ts';
import { openInspector } from '../inspector/session.ts';
import { withOpenRequest } from '../outside/health-probe.ts';
import type { GatherOptions } from './gather-options.ts';

/** A loop that runs JavaScript answers the signal between two statements. */
const RUNNING_MS = 6000;
/** A loop that turns answers at once, but not on a machine where nobody gets a core. */
const TURNING_MS = 15_000;
/** A request of ours has reached its handler by then, and one that waits still does. */
const ARRIVES_MS = 50;

type Seen = Partial<ProcessFacts>;

export interface NodeLooks extends AsyncDisposable {
  javascript(): Promise<Seen>;
  awaits(look: Extract<Look, { kind: 'awaits' }>): Promise<Seen>;
  /** Of the functions that `awaits` has seen. */
  further(process: ProcessFacts, look: Extract<Look, { kind: 'locals' }>): Promise<Seen>;
}

export function nodeLooks({
  pid,
  healthUrl,
  heap,
  betweenLooksMs,
  hints,
  signal,
}: GatherOptions): NodeLooks {
  const session = new AsyncDisposableStack();
  let open: AwaitLook | null = null;
  const withSignal = signal ? { signal } : {};

  const suspended = async (askHealth: boolean): Promise<AwaitFacts & { frozenMs: number }> => {
    const inspector = session.use(
      await openInspector(pid, { timeoutMs: TURNING_MS, ...withSignal }),
    );
    session.defer(() => releaseAll(inspector).catch(() => undefined));
    using asking = askHealth && healthUrl ? withOpenRequest(healthUrl) : null;
    if (asking) await sleep(ARRIVES_MS, undefined, withSignal);
    const look = await inspectAwaits(inspector, {
      ...withSignal,
      isOwn: hints !== undefined,
      ...(heap !== undefined && { heap }),
      ...(betweenLooksMs !== undefined && { apartMs: betweenLooksMs }),
    });
    open = look;
    return {
      ...look.facts,
      askedPath: asking && healthUrl ? new URL(healthUrl).pathname : null,
      socketsAfter: readSockets(pid, readFds(pid).socketInodes),
      locals: {},
      frozenMs: look.frozenMs,
    };
  };
  return {
    async javascript() {
      return refusing('javascript', 'no JavaScript stack: ', pid, async () => {
        await using inspector = await openInspector(pid, { timeoutMs: RUNNING_MS, ...withSignal });
        const begin = performance.now();
        const frames = await runningStack(inspector);
        const frozenMs = frames ? performance.now() - begin : 0;
        return { javascript: { refused: null, frames }, frozenMs };
      });
    },
    async awaits({ askHealth }) {
      return refusing('awaits', '', pid, async () => {
        const { frozenMs, ...facts } = await suspended(askHealth);
        return { awaits: { refused: null, ...facts }, frozenMs };
      });
    },
    async further({ awaits }, look) {
      if (!open || !awaits || awaits.refused !== null) return {};
      const { locals } = open;
      const read = look.ids.map(
        async (id) => [id, (await locals(id).catch(unlessRefused)) ?? []] as const,
      );
      const found = Object.fromEntries(await Promise.all(read));
      return { awaits: { ...awaits, locals: { ...awaits.locals, ...found } } };
    },
    [Symbol.asyncDispose]: () => session.disposeAsync(),
  };
}

/** A process that may not or cannot be looked into is a fact like any other. */
async function refusing(
  kind: 'awaits' | 'javascript',
  prefix: string,
  pid: number,
  take: () => Promise<Seen>,
): Promise<Seen> {
  const refusal = inspectorRefusal(pid);
  if (refusal) return { [kind]: { refused: `${prefix}${refusal}` } };
  try {
    return await take();
  } catch (error) {
    if (!(error instanceof HanglabError)) throw error;
    return { [kind]: { refused: messageOf(error) } };
  }
}

function unlessRefused(error: unknown): null {
  if (error instanceof HanglabError) return null;
  throw error;
}
