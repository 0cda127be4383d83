/** A first thread that runs without end, or sleeps where it should not: the call and the line. */
import type { DiagnosisCode } from '../../codes.ts';
import type { Frame, Where } from '../../diagnosis.ts';
import { frameLabel } from '../../wording/frame.ts';
import { percent } from '../../wording/numbers.ts';
import type { Case, Rule, RuledOut, Ruling, Verdict } from '../rule.ts';
import { threadVerdict } from '../runtimes/python-threads.ts';
import { hasOneLoop, loopState, runningCode } from './loop-state.ts';
import { nativeCall, nativeEvidence } from './native-call.ts';

/** Calls that never come back to JavaScript while they wait: the inspector would be asked in vain. */
const NEVER_BACK = new Set(['execSync', 'a synchronous file call']);
const MAX_FRAMES = 4;

export const running: Rule = {
  codes: [
    'event-loop-saturated',
    'event-loop-blocked',
    'blocked-in-sync-call',
    'saturated-but-live',
  ],
  judge(subject) {
    const code = runningCode(subject);
    if (code === null) return hasOneLoop(subject) ? notRunning(subject) : null;
    const evidence = evidenceFor(code, subject);
    const excluded = excludedBy(code, subject);
    if (subject.process.runtime === 'python') {
      const { pythonThreads } = subject.process;
      if (!pythonThreads) return { wants: { kind: 'python-threads' } };
      const verdict = threadVerdict(subject, pythonThreads, code);
      return { verdict, evidence, ruledOut: excluded };
    }
    const native = nativeCall(subject);
    if (native.is === 'open') return { wants: { kind: 'native' } };
    const call = native.is === 'call' ? native.call : null;
    const child = call === 'execSync' ? inChild(subject) : null;
    if (child) return { verdict: child, evidence, ruledOut: excluded };
    const isToAsk = code !== 'blocked-in-sync-call' || call === null || !NEVER_BACK.has(call);
    if (isToAsk && !subject.process.javascript) return { wants: { kind: 'javascript' } };
    return { verdict: placed(code, call, subject), evidence, ruledOut: excluded };
  },
};

function inChild(subject: Case): Verdict | null {
  const child = subject.outside.children.at(-1);
  if (!child) return null;
  return {
    code: 'blocked-in-sync-call',
    sentence: `Blocked in execSync: the whole process waits for child ${child.pid} \`${child.command}\`.`,
    holder: {
      kind: 'child',
      sentence: `child ${child.pid} \`${child.command}\`, state ${child.state}`,
      where: null,
    },
    evidence: nativeEvidence(subject),
  };
}

function placed(code: DiagnosisCode, call: string | null, subject: Case): Verdict {
  const { javascript } = subject.process;
  const frames = javascript?.refused === null ? javascript.frames : null;
  const own = frames && ownFrame(frames);
  const where: Where[] = own
    ? [{ ...own, count: 1, ageMs: null, chain: frames.toReversed(), waitsFor: '', locals: [] }]
    : [];
  return {
    code,
    sentence: sentenceFor(code, call, own ? ` at ${frameLabel(own)}` : ''),
    where,
    evidence: [...nativeEvidence(subject), ...javascriptEvidence(subject)],
  };
}

/** The innermost frame of the program's own code: not Node's, and not a package's if that can be. */
function ownFrame(frames: readonly Frame[]): Frame | null {
  return (
    frames.find(({ origin }) => origin === 'program') ??
    frames.find(({ origin }) => origin === 'package') ??
    frames[0] ??
    null
  );
}

function javascriptEvidence({ process: { javascript } }: Case): string[] {
  if (!javascript) return [];
  if (javascript.refused !== null) return [javascript.refused];
  if (!javascript.frames) return ['no JavaScript ran while the debugger waited for it'];
  const shown = javascript.frames
    .slice(0, MAX_FRAMES)
    .map(({ function: name, line }) => `${name}:${line}`);
  return [`JavaScript stack: ${shown.join(' < ')}`];
}

function sentenceFor(code: DiagnosisCode, call: string | null, place: string): string {
  const what = call ? `${call}${place}` : `JavaScript runs without end${place}`;
  if (code === 'blocked-in-sync-call') {
    return `The event loop sleeps in ${call ?? 'a native call'}${place}.`;
  }
  if (code === 'event-loop-saturated') {
    return `The event loop is saturated with system calls${place}.`;
  }
  if (code === 'saturated-but-live') return `It answers, but has no time left: ${what}.`;
  return `The event loop is blocked: ${what}.`;
}

function evidenceFor(code: DiagnosisCode, { outside }: Case): string[] {
  if (code === 'event-loop-saturated') {
    return [`${percent(outside.systemShare)} of its time is spent in system calls`];
  }
  if (code === 'blocked-in-sync-call') {
    return [`its first thread sleeps in ${outside.waitsIn || 'the kernel'}, not in its event loop`];
  }
  return [];
}

function excludedBy(code: DiagnosisCode, { outside }: Case): RuledOut[] {
  const { systemShare, mainShare } = outside;
  if (code === 'event-loop-blocked') {
    const because = `only ${percent(systemShare)} of its time is spent in the kernel`;
    return [{ code: 'event-loop-saturated', because }];
  }
  if (code === 'blocked-in-sync-call') {
    const because = `its first thread uses ${percent(mainShare)} of a core`;
    return [{ code: 'event-loop-blocked', because }];
  }
  return [];
}

/** The loop waits for events, as it should. */
function notRunning(subject: Case): Ruling {
  const because = `its first thread uses ${percent(subject.outside.mainShare)} of a core`;
  if (loopState(subject).turns) return { ruledOut: [{ code: 'saturated-but-live', because }] };
  const inLoop = 'it waits in its own event loop: the health handler itself is waiting';
  return {
    ruledOut: [
      { code: 'event-loop-blocked', because },
      { code: 'blocked-in-sync-call', because: inLoop },
    ],
  };
}
