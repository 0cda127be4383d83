/** What a native stack says in plain words, and how many looks it takes to be sure. */
import type { NativeFacts } from '../../facts/stack-facts.ts';
import type { Case } from '../rule.ts';

/** One native stack may be chance; of three, two that agree are not. */
const LOOKS = 3;
/** By chance, one that collects half of its time would be met collecting by all of them once in 500 times. */
const UNHELPED_LOOKS = 9;
/** Other threads burn CPU beside the first one: most often V8's, which help it to collect garbage. */
const HELPED = 1.3;

export const GARBAGE = 'garbage collection';

/** What is going on, innermost first match: a pattern on any frame, and its name in a person's words. */
const MEANINGS: [RegExp, string][] = [
  [/SyncProcessRunner/, 'execSync'],
  [/FutexEmulation|Builtin_AtomicsWait/, 'Atomics.wait'],
  [/Builtin_?JsonParse|JsonParser/, 'JSON.parse'],
  [/JsonStringif/, 'JSON.stringify'],
  [/RegExpImpl|IrregexpInterpreter|NativeRegExpMacroAssembler|RegExpExec/, 'a regular expression'],
  [/PBKDF2|pbkdf2/, 'pbkdf2Sync'],
  [/[Ss]crypt/, 'scryptSync'],
  [/node::crypto::Hash|node::crypto::Hmac/, 'a hash'],
  [/node::crypto::/, 'a synchronous crypto call'],
  [/node::zlib|Zlib|Brotli|deflate|inflate/, 'a synchronous zlib call'],
  [/sqlite3_/, 'SQLite'],
  [/node::fs::|uv_fs_/, 'a synchronous file call'],
  [/structuredClone|ValueSerializer|ValueDeserializer/, 'structuredClone'],
  [/ArrayPrototypeSort|ArraySort/, 'Array.prototype.sort'],
  [/String::SlowFlatten|StringReplace|StringSplit/, 'string work'],
  // Last: whatever allocates is interrupted by collections, and is then the better name.
  [/Heap::CollectGarbage|Heap::Scavenge|MarkCompact|Scavenger/, GARBAGE],
];

/** `pbkdf2Sync`, `JSON.parse`, ... or null when no frame is known. */
function meaningOf(frames: readonly string[]): string | null {
  return MEANINGS.find(([pattern]) => frames.some((frame) => pattern.test(frame)))?.[1] ?? null;
}

export type NativeCall =
  | { is: 'call'; call: string | null }
  /** The looks so far do not agree. */
  | { is: 'open' }
  /** No stack could be had. */
  | { is: 'unseen' };

export function nativeCall({ process, outside }: Case): NativeCall {
  const native: NativeFacts = process.native ?? { looks: [], missing: null };
  const isHelped = outside.processShare >= HELPED * outside.mainShare;
  const wanted = isHelped ? 2 * LOOKS : LOOKS;
  const calls = new Map<string | null, number>();
  let isSettled = false;
  for (const { frames } of native.looks) {
    const call = meaningOf(frames);
    const count = (calls.get(call) ?? 0) + 1;
    calls.set(call, count);
    isSettled =
      (isHelped && call === GARBAGE && count >= LOOKS - 1) ||
      (call !== GARBAGE && count > wanted / 2);
    if (isSettled) break;
  }
  // What makes garbage is collected after now and then: by one thread alone it is thrashing only if always.
  const isOnlyGarbage = calls.size === 1 && calls.has(GARBAGE);
  const enough = isOnlyGarbage ? Math.max(wanted, UNHELPED_LOOKS) : wanted;
  if (!isSettled && native.missing === null && native.looks.length < enough) return { is: 'open' };
  if (native.looks.length === 0) return { is: 'unseen' };
  const collecting = calls.get(GARBAGE) ?? 0;
  calls.delete(GARBAGE);
  const [common] = [...calls].sort((a, b) => b[1] - a[1])[0] ?? [GARBAGE];
  // A named call that allocates is collected after too: garbage is the answer when there is no other.
  const isThrashing = isHelped && collecting >= LOOKS - 1 && common === null;
  return { is: 'call', call: isThrashing ? GARBAGE : common };
}

const MAX_FRAMES = 4;
const MAX_CHARACTERS = 80;

/** The last stack in a line, or why there is none. */
export function nativeEvidence({ process: { native } }: Case): string[] {
  const last = native?.looks.at(-1);
  const shown = last?.frames
    .slice(0, MAX_FRAMES)
    .map((frame) => frame.replace(/\(.*$/s, '').slice(0, MAX_CHARACTERS));
  return [
    ...(native?.missing ? [native.missing] : []),
    ...(last && shown ? [`native stack (${last.tool}): ${shown.join(' < ')}`] : []),
  ];
}
