/**
 * What a Go process tells of itself over net/http/pprof, where the config says that it has it: its goroutines,
 * and its heap after a collection. expvar is not read: its numbers include what was not collected yet.
 */
import { EMPTY, type Reading } from './reading.ts';

const ASK_MS = 30_000;

/** @param url of the profiles, like `http://127.0.0.1:6060/debug/pprof`. */
export async function readGo(url: string, signal: AbortSignal): Promise<Reading> {
  const ask = async (path: string): Promise<string> => {
    const late = AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]);
    const answer = await fetch(`${url.replace(/\/$/, '')}/${path}`, {
      signal: late,
      headers: { connection: 'close' },
      redirect: 'error',
    });
    return answer.ok ? await answer.text() : '';
  };
  const goroutines = goroutinesIn(await ask('goroutine?debug=1'));
  const heap = heapIn(await ask('heap?gc=1&debug=1'));
  if (goroutines === null) return EMPTY;
  return {
    values: { goroutines: goroutines.total, ...(heap === null ? {} : { heap }) },
    parts: { goroutines: goroutines.byPlace },
  };
}

/** The text of a goroutine profile: groups of equal stacks, the innermost frame first. */
export function goroutinesIn(
  text: string,
): { total: number; byPlace: Record<string, number> } | null {
  const total = /^goroutine profile: total (\d+)/.exec(text)?.[1];
  if (total === undefined) return null;
  const byPlace: Record<string, number> = {};
  for (const group of text.split('\n\n')) {
    const count = /^(\d+) @/m.exec(group)?.[1];
    if (count === undefined) continue;
    const frames = [...group.matchAll(/^#\s+0x[\da-f]+\s+(\S+?)\+0x[\da-f]+\s+(\S+)$/gm)];
    const own = frames.find(([, name = '']) => !LIBRARY.test(name)) ?? frames.at(-1);
    const place = own ? `${own[1]} (${own[2]})` : 'an unknown place';
    byPlace[place] = (byPlace[place] ?? 0) + Number(count);
  }
  return { total: Number(total), byPlace };
}

/** Packages of the standard library have no dot before their first slash, and `main` is the program. */
const LIBRARY = /^(?!main\.)(?:[a-z\d]+\/)*[a-z\d]+\.(?![^/]*\/)/;

/** Bytes that are alive: `# HeapAlloc = 123`. */
export function heapIn(text: string): number | null {
  const bytes = /^# HeapAlloc = (\d+)$/m.exec(text)?.[1];
  return bytes === undefined ? null : Number(bytes);
}
