/** Scripts of the running process: their files and texts, and places in them as people count. */
import type { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type FunctionText, functionsOf } from '../awaits/await-sites.ts';
import type { RawLocation } from './remote-objects.ts';
import type { Inspector } from './session.ts';
import { loadSourceMap, originalPlace } from './source-map.ts';

/** A place in source as a person opens it: line and column from 1. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

export interface Scripts {
  place(location: RawLocation): Promise<Place>;
  textOf(scriptId: string): Promise<string>;
  /** The function whose parameters begin at a place (line and column from 0); null when it cannot be read. */
  functionAt(begin: RawLocation): Promise<FunctionText | null>;
}

/** Follows the scripts that the process has loaded; `Debugger.enable` makes it name them all. */
export async function followScripts(inspector: Inspector): Promise<Scripts> {
  const urls = new Map<string, { url: string; sourceMapUrl: string }>();
  const maps = new Map<string, Promise<SourceMap | null>>();
  const texts = new Map<string, Promise<string>>();
  const read = new Map<string, ReturnType<typeof functionsOf>>();
  inspector.on('Debugger.scriptParsed', ({ scriptId, url, sourceMapURL }) => {
    urls.set(scriptId, { url, sourceMapUrl: sourceMapURL ?? '' });
  });
  await inspector.send('Debugger.enable', { maxScriptsCacheSize: 0 });

  const textOf = (scriptId: string): Promise<string> => {
    const known = texts.get(scriptId);
    if (known) return known;
    const text = inspector
      .send('Debugger.getScriptSource', { scriptId })
      .then(({ scriptSource }) => String(scriptSource));
    texts.set(scriptId, text);
    return text;
  };
  return {
    textOf,
    async functionAt({ scriptId, line, column }) {
      const text = await textOf(scriptId);
      const functions = read.get(scriptId) ?? functionsOf(text);
      read.set(scriptId, functions);
      return functions(offsetAt(text, line, column));
    },
    async place({ scriptId, line, column }) {
      const { url, sourceMapUrl } = urls.get(scriptId) ?? { url: '', sourceMapUrl: '' };
      const place = { file: fileOf(url), line: line + 1, column: column + 1 };
      const map = maps.get(scriptId) ?? loadSourceMap(place.file, sourceMapUrl);
      maps.set(scriptId, map);
      const loaded = await map;
      return loaded ? originalPlace(loaded, place) : place;
    },
  };
}

function fileOf(url: string): string {
  if (url === '') return '<anonymous>';
  return url.startsWith('file://') ? fileURLToPath(url) : url;
}

/** The offset of a place (line and column from 0) in a text. */
export function offsetAt(text: string, line: number, column: number): number {
  let at = 0;
  for (let n = 0; n < line; n++) {
    const next = text.indexOf('\n', at);
    if (next < 0) return text.length;
    at = next + 1;
  }
  return at + column;
}
