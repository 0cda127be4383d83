/** For commands that serve until they are told to end. */
import { once } from 'node:events';
import type { Interrupts } from './interrupts.ts';

/** Resolves at Ctrl-C or SIGTERM, also when that came before it was asked. */
export async function untilInterrupted({ signal }: Interrupts): Promise<void> {
  // Nothing else may be there to keep the process alive.
  const alive = setInterval(() => {}, 60_000);
  if (!signal.aborted) await once(signal, 'abort');
  clearInterval(alive);
}
