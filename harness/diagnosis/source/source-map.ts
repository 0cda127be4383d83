/** From a place in generated code to the one in the source that a person wrote, by the script's source map. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FlattenMap, originalPositionFor, type TraceMap } from '@jridgewell/trace-mapping';
import type { Place } from '../diagnosis.ts';

/** A map of tens of megabytes is a bundle of everything: parsing it would take longer than all else. */
const MAX_MAP_BYTES = 50e6;

/** Reads a file that a script names, bounded; null when it cannot be had. */
export type ReadNamedFile = (path: string, maxBytes: number) => Promise<string | null>;

/**
 * The source map that a script names, inline or as a file beside it; null when there is none, or it
 * cannot be read: then the generated place is still a place.
 * @param file of the script: what the map says is relative to it.
 */
export async function loadSourceMap(
  file: string,
  sourceMapUrl: string,
  read: ReadNamedFile,
): Promise<TraceMap | null> {
  if (sourceMapUrl === '') return null;
  try {
    const found = await mapText(file, sourceMapUrl, read);
    if (found === null || found.text.length > MAX_MAP_BYTES) return null;
    return new FlattenMap(found.text, found.path);
  } catch {
    return null;
  }
}

async function mapText(
  file: string,
  url: string,
  read: ReadNamedFile,
): Promise<{ text: string; path: string } | null> {
  const inline = /^data:application\/json[^,]*?(;base64)?,(.*)$/s.exec(url);
  if (inline) {
    const [, isBase64, data = ''] = inline;
    const text = isBase64 ? Buffer.from(data, 'base64').toString() : decodeURIComponent(data);
    return { text, path: file };
  }
  if (/^https?:/.test(url) || !file.startsWith('/')) return null;
  const path = url.startsWith('file:') ? fileURLToPath(url) : resolve(dirname(file), url);
  const text = await read(path, MAX_MAP_BYTES);
  return text === null ? null : { text, path };
}

/** The original of a generated place (from 1), or that place itself where the map says nothing. */
export function originalPlace(map: TraceMap, place: Place): Place {
  const found = originalPositionFor(map, { line: place.line, column: place.column - 1 });
  if (found.source === null) return place;
  return {
    file: sourceFile(found.source, place.file),
    line: found.line,
    column: found.column + 1,
  };
}

/**
 * The path of a source as a map names it. Bundlers name sources by URLs of their own, relative to a project
 * whose folder the map does not know: `webpack://app/./src/a.ts`, `turbopack:///[project]/src/a.ts`.
 * @param generated the script: its project is one of the folders above it.
 */
export function sourceFile(source: string, generated: string): string {
  if (source.startsWith('file:')) return fileURLToPath(source);
  const isUrl = /^[a-z][a-z\d+.-]*:\/\//i.test(source);
  if (!isUrl) return source.startsWith('/') ? source : resolve(dirname(generated), source);
  const named = source
    .replace(/[?#].*$/, '')
    .replace(/^[a-z][a-z\d+.-]*:\/\/[^/]*\//i, '')
    .replace(/^@fs\/(?=\/)/, '');
  if (named.startsWith('/')) return named;
  // Next.js puts the layer before: `(rsc)/./app/page.tsx`.
  const path = named.replace(/^(?:\([\w-]+\)\/|\[project\]\/|\.\/)+/, '');
  for (let at = dirname(generated); ; at = dirname(at)) {
    if (existsSync(join(at, path))) return join(at, path);
    if (at === dirname(at)) return path;
  }
}
