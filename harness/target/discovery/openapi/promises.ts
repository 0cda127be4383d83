/** What the document says of the result of a write: the path that names it, its id, its state. */
import {
  endingStates,
  type ItemPaths,
  idPathIn,
  STATE_NAME,
  type StateField,
} from '../promised.ts';
import { entriesOf, isObject, type Json } from './document.ts';
import { resolved } from './references.ts';

/** How one result of a write to `collection` is reached; null when no path names one. */
export function itemOf(collection: string, paths: Json, root: Json): ItemPaths | null {
  const base = collection.replace(/\/+$/, '');
  for (const [path, given] of entriesOf(paths)) {
    const below = path.startsWith(`${base}/`) ? path.slice(base.length).replace(/\/+$/, '') : '';
    const [, parameter] = /^\/\{([^{}/]+)\}$/.exec(below) ?? [];
    if (parameter === undefined) continue;
    const item = resolved(given, root);
    const template = path.replace(`{${parameter}}`, '${id}');
    const answer = isObject(item.get) ? goodAnswer(resolved(item.get, root), root) : null;
    return {
      template: path,
      parameter,
      get: isObject(item.get) ? template : null,
      remove: isObject(item.delete) ? template : null,
      state: answer && stateField(answer, root),
    };
  }
  return null;
}

/** The schema of the body of a good answer; null without one that is JSON. */
export function goodAnswer(operation: Json, root: Json): Json | null {
  for (const given of goodAnswers(operation, root)) {
    const media = entriesOf(given.content);
    const json = media.find(([type]) => /\bjson\b/.test(type) && !/ndjson/.test(type))?.[1];
    if (json && isObject(json.schema)) return resolved(json.schema, root);
  }
  return null;
}

/** The answers with a status of 2xx, or the default one. */
export function goodAnswers(operation: Json, root: Json): Json[] {
  return entriesOf(operation.responses)
    .filter(([status]) => /^(2(\d\d|XX)|default)$/i.test(status))
    .map(([, given]) => resolved(given, root));
}

/** The path to the id in an answer of this schema; null when it has none. */
export function idPathOf(schema: Json, root: Json, parameter: string | null): string | null {
  const members = membersOf(schema, root);
  return idPathIn(Object.keys(members), parameter, (name) => {
    const inner = members[name];
    return isObject(inner) ? Object.keys(membersOf(resolved(inner, root), root)) : [];
  });
}

function stateField(schema: Json, root: Json): StateField | null {
  for (const [name, given] of Object.entries(membersOf(schema, root))) {
    if (!STATE_NAME.test(name) || !isObject(given)) continue;
    const { enum: values } = resolved(given, root);
    const states = Array.isArray(values) ? endingStates(values) : null;
    if (states) return { path: `$.${name}`, ...states };
  }
  return null;
}

function membersOf(schema: Json, root: Json): Json {
  const parts = Array.isArray(schema.allOf) ? schema.allOf.filter(isObject) : [];
  const inherited = parts.map((part) => resolved(part, root).properties).filter(isObject);
  return Object.assign({}, ...inherited, isObject(schema.properties) ? schema.properties : {});
}
