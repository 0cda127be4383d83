/**
 * Imports a module that a user wrote: a scenario, a config. What is wrong in it is said with its line, and
 * `hanglab` means this copy of hanglab, wherever the file lies.
 */
import module from 'node:module';
import { pathToFileURL } from 'node:url';
import { HanglabError, messageOf } from './errors.ts';

const OWN = new URL(
  import.meta.url.endsWith('.ts') ? '../index.ts' : '../index.js',
  import.meta.url,
).href;

let isHooked = false;

/**
 * @param code of the error when it cannot be loaded.
 * @throws HanglabError of that code, with the place and what stands there.
 */
export async function importModule(
  file: string,
  code: string,
): Promise<Readonly<Record<string, unknown>>> {
  resolveOurselves();
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    // Its own call found something wrong, and said so.
    if (error instanceof HanglabError) throw error;
    const { line, frame } = placeOf(error, file);
    const place = line === null ? file : `${file}:${line}`;
    throw new HanglabError(code, `${place} cannot be loaded: ${messageOf(error)}`, {
      problems: frame,
      cause: error,
    });
  }
}

/** Two copies of hanglab in one process would not know each other's checks. */
function resolveOurselves(): void {
  if (isHooked) return;
  isHooked = true;
  module.registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'hanglab' ? { url: OWN, shortCircuit: true } : next(specifier, context),
  });
}

/** The line in `file`, and the lines that Node shows of it; none where it does not tell. */
function placeOf(error: unknown, file: string): { line: number | null; frame: string[] } {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  const names = [file, pathToFileURL(file).href];
  const isPlace = (text: string): boolean => names.some((name) => text.includes(`${name}:`));
  const at = lines.findIndex(isPlace);
  const [, line] = /:(\d+)(?::\d+)?\)?$/.exec(lines[at] ?? '') ?? [];
  // A syntax error shows the source first; any other error its frames.
  const end = lines.findIndex((text, i) => i > 0 && (text === '' || /^\w*Error\b/.test(text)));
  const shown = at === 0 ? lines.slice(1, end) : [];
  return { line: line === undefined ? null : Number(line), frame: shown.slice(0, 6) };
}
