/** Something holds the whole process: a signal, a debugger, or the kernel. */
import type { Rule } from './rule.ts';

/** Of some 25 samples in the window: nearly all, but for one at the moment of stopping. */
const STOPPED = 0.9;
/** A thread that reads from a slow disk comes back between two reads. */
const IN_DEVICE = 0.8;

export const stopped: Rule = {
  codes: ['stopped'],
  judge({ outside: { states } }) {
    if ((states.T ?? 0) + (states.t ?? 0) <= STOPPED) return null;
    return {
      verdict: { code: 'stopped' },
      evidence: ['state T: a signal (SIGSTOP) or a debugger has stopped it'],
    };
  },
};

export const kernelIo: Rule = {
  codes: ['kernel-io'],
  judge({ outside: { states, waitsIn } }) {
    if ((states.D ?? 0) <= IN_DEVICE) return null;
    return {
      verdict: { code: 'kernel-io' },
      evidence: [`state D: it waits for a device in ${waitsIn || 'the kernel'}`],
    };
  },
};
