/** The first thread collects garbage and does little else. */
import type { Rule } from '../rule.ts';
import { runningCode } from './loop-state.ts';
import { GARBAGE, nativeCall, nativeEvidence } from './native-call.ts';

export const gcThrash: Rule = {
  codes: ['gc-thrash'],
  judge(subject) {
    // Python's stacks are taken otherwise, and do not show its collector.
    if (subject.process.runtime === 'python' || runningCode(subject) === null) return null;
    const native = nativeCall(subject);
    if (native.is === 'open') return { wants: { kind: 'native' } };
    if (native.is !== 'call' || native.call !== GARBAGE) return null;
    const evidence = [
      ...nativeEvidence(subject),
      'not looked inside: a debugger needs memory, and a heap that is full ends the process',
    ];
    return { verdict: { code: 'gc-thrash', evidence } };
  },
};
