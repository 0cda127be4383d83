/** From a place in generated code to the one in the source a person wrote, by the script's source map. */
import { readFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Place } from './scripts.ts';

/** A map of tens of megabytes is a bundle of everything: parsing it would take longer than all else. */
const MAX_MAP_BYTES = 50e6;

/**
 * The source map that a script names, inline or as a file beside it; null when there is none, or it
 * cannot be read: then the generated place is still a place.
 */
export async function loadSourceMap(file: string, sourceMapUrl: string): Promise<SourceMap | null> {
  if (sourceMapUrl === '') return null;
  try {
    const text = await textOf(file, sourceMapUrl);
    if (text === null || text.length > MAX_MAP_BYTES) return null;
    return new SourceMap(JSON.parse(text));
  } catch {
    return null;
  }
}

async function textOf(file: string, url: string): Promise<string | null> {
  const inline = /^data:application\/json[^,]*?(;base64)?,(.*)$/s.exec(url);
  if (inline) {
    const [, isBase64, data = ''] = inline;
    return isBase64 ? Buffer.from(data, 'base64').toString() : decodeURIComponent(data);
  }
  if (/^https?:/.test(url) || !file.startsWith('/')) return null;
  const path = url.startsWith('file:') ? fileURLToPath(url) : resolve(dirname(file), url);
  return readFile(path, 'utf8');
}

/** The original of a generated place (from 1), or that place itself where the map says nothing. */
export function originalPlace(map: SourceMap, place: Place): Place {
  const entry = map.findEntry(place.line - 1, place.column - 1);
  if (!('originalSource' in entry) || !entry.originalSource) return place;
  const source = entry.originalSource;
  const file = source.startsWith('file:')
    ? fileURLToPath(source)
    : resolve(dirname(place.file), map.payload.sourceRoot ?? '', source);
  return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
}
