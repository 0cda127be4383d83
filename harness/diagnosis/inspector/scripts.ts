/** Scripts of the running process: their files and texts, and places in them as people count. */
import { fileURLToPath } from 'node:url';
import type { TraceMap } from '@jridgewell/trace-mapping';
import { readStatus, sharesNamespace } from '../../platform/procfs/status.ts';
import { safeRead } from '../../platform/safe-read.ts';
import type { Place } from '../diagnosis.ts';
import { type FunctionText, functionsOf } from '../source/await-sites.ts';
import { loadSourceMap, originalPlace, type ReadNamedFile } from '../source/source-map.ts';
import { offsetAt } from '../source/text.ts';
import type { RawLocation } from './remote-objects.ts';
import type { Inspector } from './session.ts';

export interface Scripts {
  place(location: RawLocation): Promise<Place>;
  textOf(scriptId: string): Promise<string>;
  /** The function whose parameters begin at a place (line and column from 0); null when it cannot be read. */
  functionAt(begin: RawLocation): Promise<FunctionText | null>;
}

/** Follows the scripts that the process has loaded; `Debugger.enable` makes it name them all. */
export async function followScripts(inspector: Inspector): Promise<Scripts> {
  const urls = new Map<string, { url: string; sourceMapUrl: string }>();
  const maps = new Map<string, Promise<TraceMap | null>>();
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
      const map =
        maps.get(scriptId) ?? loadSourceMap(place.file, sourceMapUrl, readAs(inspector.pid));
      maps.set(scriptId, map);
      const loaded = await map;
      return loaded ? originalPlace(loaded, place) : place;
    },
  };
}

/** The script names its map, so it is read as the process's own user could; a container's files lie elsewhere. */
function readAs(pid: number): ReadNamedFile {
  return async (path, maxBytes) => {
    const status = readStatus(pid);
    if (!status || !sharesNamespace(pid, 'mnt')) return null;
    return safeRead(path, { maxBytes, uid: status.uid });
  };
}

function fileOf(url: string): string {
  if (url === '') return '<anonymous>';
  if (!url.startsWith('file://')) return url;
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}
