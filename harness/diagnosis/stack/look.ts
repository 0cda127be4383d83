/** The look at a first thread that runs without end, or sleeps where it should not: its stacks. */

import { performance } from 'node:perf_hooks';
import { HanglabError, messageOf } from '../../platform/errors.ts';
import type { Frame, Where } from '../diagnosis.ts';
import type { Looked } from '../inside-view.ts';
import { ownFrame, runningStack } from '../inspector/running-stack.ts';
import { inspectorRefusal, openInspector } from '../inspector/session.ts';
import type { Observation } from '../outside/observe.ts';
import type { OutsideView } from '../outside/outside-view.ts';
import { named } from '../wording/frame.ts';
import { meaningOf, type NativeStack, nativeStack } from './native-stack.ts';

/** One native stack may be chance; of three, two that agree are not. */
const NATIVE_LOOKS = 3;
/** By chance, one that collects half of its time would be met collecting by all of them once in 500 times. */
const UNHELPED_LOOKS = 9;
/** Other threads burn CPU beside the first one: most often V8's, which help it to collect garbage. */
const HELPED = 1.3;
/** JavaScript that calls into native code again and again lets the inspector in between two calls. */
const GARBAGE = 'garbage collection';
const INSPECTOR_MS = 6000;
/** Calls that never come back to JavaScript while they wait: the inspector would be asked in vain. */
const NEVER_BACK = new Set(['execSync', 'a synchronous file call']);

export async function lookAtStack(
  pid: number,
  seen: Observation,
  view: OutsideView,
  signal?: AbortSignal,
): Promise<Looked> {
  const evidence: string[] = [];
  const begin = performance.now();
  const native = await nativeLooks(pid, seen, evidence, signal);
  let frozenMs = performance.now() - begin;
  const call = native?.call ?? null;

  const child = call === 'execSync' ? seen.children.at(-1) : undefined;
  if (child) {
    return {
      code: 'blocked-in-sync-call',
      sentence: `Blocked in execSync: the whole process waits for child ${child.pid} \`${child.command}\`.`,
      holder: {
        kind: 'child',
        sentence: `child ${child.pid} \`${child.command}\`, state ${child.state}`,
        where: null,
      },
      evidence,
      frozenMs,
    };
  }
  if (call === GARBAGE) {
    return {
      code: 'gc-thrash',
      sentence: 'It collects garbage and does little else: what lives fills the heap.',
      evidence: [
        ...evidence,
        'not looked inside: a debugger needs memory, and a heap that is full ends the process',
      ],
      frozenMs,
    };
  }
  const js =
    view.code === 'blocked-in-sync-call' && call !== null && NEVER_BACK.has(call)
      ? null
      : await javascript(pid, evidence, signal).then((look) => {
          frozenMs += look?.frozenMs ?? 0;
          return look?.frames ?? null;
        });
  const own = js && ownFrame(js);
  const where: Where[] = own
    ? [{ ...own, count: 1, ageMs: null, chain: js.toReversed(), waitsFor: '', locals: [] }]
    : [];
  const place = own ? ` at ${named(own)}` : '';
  return { sentence: sentenceFor(view.code, call, place), where, evidence, frozenMs };
}

function sentenceFor(code: OutsideView['code'], call: string | null, place: string): string {
  const what = call ? `${call}${place}` : `JavaScript runs without end${place}`;
  if (code === 'blocked-in-sync-call') {
    return `The event loop sleeps in ${call ?? 'a native call'}${place}.`;
  }
  if (code === 'event-loop-saturated') return `The event loop drowns in system calls${place}.`;
  if (code === 'saturated-but-live') return `It answers, but has no time left: ${what}.`;
  return `The event loop is blocked: ${what}.`;
}

async function nativeLooks(
  pid: number,
  { processShare, mainShare }: Observation,
  evidence: string[],
  signal?: AbortSignal,
): Promise<{ call: string | null } | null> {
  const isHelped = processShare >= HELPED * mainShare;
  const looks = isHelped ? 2 * NATIVE_LOOKS : NATIVE_LOOKS;
  const calls = new Map<string | null, number>();
  let stack: NativeStack | null = null;
  // What makes garbage is collected after now and then: by one thread alone it is thrashing only if always.
  const isOnlyGarbage = () => calls.size === 1 && calls.has(GARBAGE);
  for (let look = 0; look < looks || (isOnlyGarbage() && look < UNHELPED_LOOKS); look++) {
    const found = await nativeStack(pid, signal);
    if ('missing' in found) {
      evidence.push(found.missing);
      break;
    }
    stack = found;
    const { call } = meaningOf(found.frames);
    const count = (calls.get(call) ?? 0) + 1;
    calls.set(call, count);
    const isGarbage = isHelped && call === GARBAGE && count >= NATIVE_LOOKS - 1;
    if (isGarbage || (call !== GARBAGE && count > looks / 2)) break;
  }
  if (!stack) return null;
  const collecting = calls.get(GARBAGE) ?? 0;
  calls.delete(GARBAGE);
  const [common] = [...calls].sort((a, b) => b[1] - a[1])[0] ?? [GARBAGE];
  // A named call that allocates is collected after too: garbage is the answer when there is no other.
  const isThrashing = isHelped && collecting >= NATIVE_LOOKS - 1 && common === null;
  const call = isThrashing ? GARBAGE : common;
  evidence.push(
    `native stack (${stack.tool}): ${stack.frames.slice(0, 4).map(shortened).join(' < ')}`,
  );
  return { call };
}

function shortened(frame: string): string {
  return frame.replace(/\(.*$/s, '').slice(0, 80);
}

async function javascript(
  pid: number,
  evidence: string[],
  signal?: AbortSignal,
): Promise<{ frames: Frame[]; frozenMs: number } | null> {
  const refusal = inspectorRefusal(pid);
  if (refusal) {
    evidence.push(`no JavaScript stack: ${refusal}`);
    return null;
  }
  try {
    await using inspector = await openInspector(pid, {
      timeoutMs: INSPECTOR_MS,
      ...(signal && { signal }),
    });
    const begin = performance.now();
    const frames = await runningStack(inspector);
    if (!frames) {
      evidence.push('no JavaScript ran while the debugger waited for it');
      return null;
    }
    evidence.push(
      `JavaScript stack: ${frames
        .slice(0, 4)
        .map(({ function: name, line }) => `${name}:${line}`)
        .join(' < ')}`,
    );
    return { frames, frozenMs: performance.now() - begin };
  } catch (error) {
    if (!(error instanceof HanglabError)) throw error;
    evidence.push(messageOf(error));
    return null;
  }
}
