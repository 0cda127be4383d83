/**
 * Paths as reports show them: relative to a working directory when they lie below it, since reports are passed on and
 * the place of a checkout on somebody's machine says nothing there. A path is shown field by field, never
 * by replacing text: the same letters may stand in another path, in a URL or in a sentence.
 */
import { relative } from 'node:path';

/**
 * @param path absolute, as it stands in a field; anything else is returned as it is.
 * @param directory below which paths are shortened; the working directory unless given.
 */
export function displayPath(path: string, directory = process.cwd()): string {
  // Below `/` everything lies, and nothing is gained.
  if (!path.startsWith('/') || directory === '/') return path;
  const below = relative(directory, path);
  return below === '' || below === '..' || below.startsWith('../') ? path : below;
}
