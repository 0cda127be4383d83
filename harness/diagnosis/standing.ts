/** Where a suspended function stands in its text, and the text before and after that place. */
import type { LiveFunction, RawLocation } from './frames.ts';
import { awaitsIn, endOfFunction } from './functiontext.ts';
import { offsetAt, type Scripts } from './scripts.ts';

export interface StandingText {
  location: RawLocation;
  /** The function's text before, and from, the `await` at which it stands. */
  before: string;
  from: string;
}

/**
 * By reading alone: a function with a single `await` stands there; one that waits for a function's
 * result stands at the only `await` that calls it.
 * @param begin where the function's parameters begin.
 * @param callee name of the function whose result it awaits, or the empty string.
 * @returns null when more than one place would do.
 */
export async function readStanding(
  scripts: Scripts,
  begin: { scriptId: number; line: number; column: number },
  callee: string,
): Promise<StandingText | null> {
  const scriptId = String(begin.scriptId);
  const text = await scripts.textOf(scriptId);
  const start = offsetAt(text, begin.line, begin.column);
  const end = endOfFunction(text, start);
  if (end < 0) return null;
  const awaits = awaitsIn(text, start, end);
  const calls = awaits.filter((at) => callee !== '' && callOf(text.slice(at, end)) === callee);
  const [at] = awaits.length === 1 ? awaits : calls.length === 1 ? calls : [];
  if (at === undefined) return null;
  return {
    location: { scriptId, ...placeAt(text, at) },
    before: text.slice(start, at),
    from: text.slice(at, end),
  };
}

/** As the process itself says it stands. */
export async function cut(
  scripts: Scripts,
  { location, source }: LiveFunction,
): Promise<StandingText> {
  const text = await scripts.textOf(location.scriptId);
  const at = offsetAt(text, location.line, location.column);
  const begin = text.lastIndexOf(source, at);
  if (begin < 0) return { location, before: '', from: text.slice(at, at + 200) };
  return { location, before: text.slice(begin, at), from: text.slice(at, begin + source.length) };
}

/** `run` of `await this.lanes.run(x)`. */
function callOf(from: string): string {
  return /^await\s+[\w$.#?]*?([\w$]+)\s*\(/.exec(from)?.[1] ?? '';
}

function placeAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length - 1;
  return { line, column: offset - (before.lastIndexOf('\n') + 1) };
}
