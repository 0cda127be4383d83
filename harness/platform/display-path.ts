/**
 * Paths as they are told: relative to the working directory when they lie below it. Reports are passed on,
 * and the place of a checkout on somebody's machine says nothing there.
 */
import { relative } from 'node:path';

export function toldPath(path: string): string {
  const below = relative(process.cwd(), path);
  return below === '' || below.startsWith('..') ? path : below;
}

/** The same for every path in the texts of a JSON value. */
export function toldPathsWithin<T>(value: T): T {
  const inside = JSON.stringify(`${process.cwd()}/`).slice(1, -1);
  return JSON.parse(JSON.stringify(value).replaceAll(inside, '')) as T;
}
