/** The body of a request, made of what the document says about it. */
import { sample } from 'openapi-sampler';
import type { OperationConfig } from '../../config/config.ts';
import { placeholdersIn } from '../../config/template.ts';
import { INPUT_PLACEHOLDERS } from '../../operations/input.ts';
import { varied } from '../texts.ts';
import { entriesOf, isObject, type Json } from './document.ts';
import { resolved } from './references.ts';
import { finiteSchema } from './schema.ts';

export type Body = Pick<OperationConfig, 'json' | 'form' | 'multipart' | 'body' | 'headers'>;

/** A body that cannot be made, with the reason. */
export class NoBody extends Error {}

/**
 * The body of an operation of the document; an empty object for one that has none.
 * @throws NoBody, BadSchema, BadReference
 */
export function bodyFor(operation: Json, root: Json): Body {
  if (!isObject(operation.requestBody)) return {};
  const { content, required } = resolved(operation.requestBody, root);
  const media = entriesOf(content);
  const [type, form] = media.find(([name]) => builderOf(name)) ?? [];
  if (type !== undefined && form !== undefined) return builderOf(type)!(form, root, type);
  if (required !== true) return {};
  const types = media.map(([name]) => name.slice(0, 60)).join(' or ');
  throw new NoBody(`needs a body of ${types || 'an unknown type'}, which hanglab could not make`);
}

type Builder = (media: Json, root: Json, type: string) => Body;

function builderOf(type: string): Builder | null {
  const plain = type.split(';')[0]!.trim().toLowerCase();
  if (plain === 'application/json' || plain === '*/*') return jsonBody;
  if (plain.endsWith('+json')) return otherJsonBody;
  if (plain === 'application/x-www-form-urlencoded') return formBody;
  if (plain === 'multipart/form-data') return multipartBody;
  return plain.startsWith('text/') && plain !== 'text/event-stream' ? textBody : null;
}

const jsonBody: Builder = (media, root) => ({ json: madeValue(media, root) });

const otherJsonBody: Builder = (media, root, type) => ({
  json: madeValue(media, root),
  headers: { 'content-type': type },
});

const formBody: Builder = (media, root) => {
  const fields = Object.entries(objectOf(media, root)).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return { form: Object.fromEntries(fields) };
};

const textBody: Builder = (media, root, type) => {
  const given = exampleOf(media, root);
  const text = typeof given === 'string' ? given : '${document}';
  return { body: text, headers: { 'content-type': type } };
};

/** A member that is binary is a file: a document, of the type that the encoding names. */
const multipartBody: Builder = (media, root) => {
  const schema = isObject(media.schema) ? resolved(media.schema, root) : {};
  const members = isObject(schema.properties) ? schema.properties : {};
  const fields = Object.entries(objectOf(media, root)).map(([name, value]) => {
    const member = isObject(members[name]) ? resolved(members[name], root) : {};
    if (isBinary(member, root)) return [name, fileFor(name, media)];
    return [name, typeof value === 'string' ? value : JSON.stringify(value)];
  });
  return { multipart: Object.fromEntries(fields) };
};

function isBinary(member: Json, root: Json): boolean {
  if (member.format === 'binary' || member.contentMediaType !== undefined) return true;
  const forms = [member.items, ...[member.anyOf, member.oneOf].flat()].filter(isObject);
  return forms.some((form) => isBinary(resolved(form, root), root));
}

const TEXT_TYPES = /^(text\/|application\/(json|xml|x-yaml|octet-stream))/;

function fileFor(name: string, media: Json) {
  const encoding = isObject(media.encoding) ? media.encoding[name] : undefined;
  const types = isObject(encoding) ? String(encoding.contentType ?? '') : '';
  const wanted = types.split(',').map((type) => type.trim());
  const type = wanted.find((each) => TEXT_TYPES.test(each) && !each.includes('*')) ?? null;
  if (types !== '' && type === null && !/\*\/\*|text\/\*/.test(types)) {
    throw new NoBody(`needs a file of ${types.slice(0, 60)}, which hanglab could not make`);
  }
  const isMarkdown = type === null || type === 'text/markdown';
  return isMarkdown
    ? { text: '${document}', filename: '${title}.md', type: 'text/markdown' }
    : { text: '${document}', filename: '${title}.txt', type };
}

function objectOf(media: Json, root: Json): Json {
  const value = madeValue(media, root);
  return isObject(value) ? value : {};
}

/** The example of the document, else a value of its schema. */
function madeValue(media: Json, root: Json): unknown {
  const given = exampleOf(media, root);
  const value = given === undefined ? valueOfSchema(media.schema, root) : varied(given);
  checkPlaceholders(value);
  return value;
}

/** @throws BadSchema, BadReference */
export function valueOfSchema(schema: unknown, root: Json): unknown {
  if (!isObject(schema)) return {};
  const finite = finiteSchema(schema, root);
  return sample(finite as never, { quiet: true, enablePatterns: true, maxSampleDepth: 30 }, root);
}

export function exampleOf({ example, examples }: Json, root: Json): unknown {
  if (example !== undefined) return example;
  const [first] = entriesOf(examples);
  return first && resolved(first[1], root).value;
}

/** A text of the document that looks like a placeholder would be filled in, or refused when it is read again. */
function checkPlaceholders(value: unknown): void {
  if (typeof value === 'string') {
    const unknown = placeholdersIn(value).find(
      (name) => !INPUT_PLACEHOLDERS.includes(name as never),
    );
    if (unknown === undefined) return;
    throw new NoBody('its example has a "${…}", which hanglab would read as a placeholder');
  }
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) checkPlaceholders(part);
  }
}
