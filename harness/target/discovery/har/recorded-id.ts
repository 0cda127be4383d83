/** The id in a recorded answer, and the recorded requests that name it. */
import { type ItemPaths, idPathIn } from '../promised.ts';
import type { HarEntry } from './har.ts';
import type { OwnEntry } from './own-entries.ts';

/** The path to the id in a recorded answer, and its value. */
export function idOf({ response }: HarEntry): { path: string; value: string } | null {
  const json = jsonIn(response.content);
  if (!isRecord(json)) return null;
  const path = idPathIn(Object.keys(json), null, (name) =>
    isRecord(json[name]) ? Object.keys(json[name]) : [],
  );
  if (path === null) return null;
  const value = path
    .slice(2)
    .split('.')
    .reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), json);
  return typeof value === 'string' || typeof value === 'number'
    ? { path, value: String(value) }
    : null;
}

/** The id in `path`, when it names one result of this write. */
export function itemIdOf({ entry, path }: OwnEntry, asked: string): string | null {
  const id = idOf(entry);
  if (id === null || id.value === '') return null;
  const item = `${path.split('?')[0]}/${encodeURIComponent(id.value)}`;
  return asked.split('?')[0] === item ? id.value : null;
}

export function itemOf({ path }: OwnEntry, id: string, own: readonly OwnEntry[]): ItemPaths | null {
  const [collection = path] = path.split('?');
  const item = `${collection}/${encodeURIComponent(id)}`;
  const has = (method: string): boolean =>
    own.some((each) => each.method === method && each.path.split('?')[0] === item);
  const template = `${collection}/\${id}`;
  const get = has('GET') ? template : null;
  const remove = has('DELETE') ? template : null;
  return get === null && remove === null
    ? null
    : { template: item, parameter: null, get, remove, state: null };
}

function jsonIn({ text, encoding }: HarEntry['response']['content']): unknown {
  try {
    const plain = encoding === 'base64' ? Buffer.from(text ?? '', 'base64').toString() : text;
    return JSON.parse(plain ?? '');
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
