/** For a path that the server does not have: the one of its document that was probably meant. */
import { closest, distance } from 'fastest-levenshtein';
import type { Json, OpenApiDocument } from './document.ts';

/** The nearest path of the document with its methods, `POST /documents`; null when none is near. */
export function nearestPath({ root }: OpenApiDocument, path: string): string | null {
  const [wanted = path] = path.split('?');
  const paths = Object.keys(root.paths as Json);
  if (paths.length === 0) return null;
  const nearest = closest(wanted, paths);
  // Half of it may be wrong: a prefix that is missing makes much of a short path.
  if (distance(wanted, nearest) > Math.max(3, nearest.length / 2)) return null;
  const item = (root.paths as Record<string, Json>)[nearest] ?? {};
  const methods = Object.keys(item).filter((key) => /^(get|post|put|patch|delete)$/.test(key));
  return `${methods.map((method) => method.toUpperCase()).join(', ')} ${nearest}`.trim();
}
