/** A value for any JSON Schema, whose strings are excerpts of a text. */
import { generateSync, type JsonSchema } from 'json-schema-faker';
import { messageOf } from '../../../platform/errors.ts';
import { answerTo, excerptOf, naturalParts, partsOf, statementsOf } from '../prose/excerpts.ts';
import { type Section, sectionsOf } from '../prose/sections.ts';
import { clip, spread } from '../prose/text.ts';
import type { Schema } from './json-schema.ts';
import {
  formatName,
  markedField,
  marker,
  type Prepared,
  prepare,
  type TextField,
} from './prepare.ts';
import { SchemaError, validatorOf } from './validator.ts';

export interface Source {
  /** What the strings are drawn from. */
  text: string;
  /** What is asked about it, where strings answer one question; the text's last line as a rule. */
  question: string;
  /** All that may hold the answer to that question. */
  context: string;
}

/** An array of excerpts is at least so long where the text allows it, and one of sentences at most. */
const MIN_OBJECTS = 3;
const MAX_STRINGS = 6;
/** Keeps a whole answer under about 400 tokens, however many objects share it. */
const MAX_CHARACTERS = 1500;
const MAX_FIELD_CHARACTERS = 600;
const TITLE_CHARACTERS = 48;
/** Fields that people fill with a few words rather than sentences. */
const SHORT_FIELD =
  /^(title|name|label|heading|headline|caption|subject|key|id|slug|tag|category|kind|type)s?$/i;
const SHORT_BELOW_CHARACTERS = 80;
/** Said where a text has not a word in it. */
const NOTHING = 'There is no text.';

/**
 * A value that satisfies `schema`: the same for the same schema, source and seed.
 * @throws SchemaError when `schema` is none, or no value was found.
 */
export function fillSchema(schema: Schema, source: Source, seed: number): unknown {
  const isValid = validatorOf(schema);
  const sections = sectionsOf(source.text);
  const objects = partsOf(sections, naturalParts(source.text), MIN_OBJECTS).length;
  const strings = Math.min(MAX_STRINGS, statementsOf(sections).length);
  const prepared = prepare(schema, {
    objects: Math.max(1, objects),
    strings: Math.max(1, strings),
  });

  let trouble = 'no value was found that satisfies it';
  for (const attempt of [
    () => withText(generate(prepared, seed, true), prepared.fields, source, sections),
    () => withText(generate(prepared, seed, false), prepared.fields, source, sections),
    () => generate({ schema, fields: [] }, seed, true),
    () => generate({ schema, fields: [] }, seed, false),
    () => generate({ schema, fields: [] }, seed + 1, false),
  ]) {
    try {
      const value = attempt();
      if (isValid(value)) return value;
    } catch (error) {
      trouble = messageOf(error);
    }
  }
  throw new SchemaError(trouble);
}

function generate({ schema, fields }: Prepared, seed: number, optionals: boolean): unknown {
  return generateSync(schema as JsonSchema, {
    seed,
    alwaysFakeOptionals: optionals,
    ...(optionals ? {} : { optionalsProbability: 0 }),
    validateSchemaVersion: false,
    formats: Object.fromEntries(fields.map((_, i) => [formatName(i), () => marker(i)])),
  });
}

/** Where a value stands: what its strings are drawn from, and how long they may be. */
interface Place {
  sections: readonly Section[];
  limit: number;
  /** Null within an array: there a string says what its part says, at the root it answers. */
  source: Source | null;
}

function withText(
  value: unknown,
  fields: readonly TextField[],
  source: Source,
  sections: readonly Section[],
): unknown {
  const visit = (at: unknown, name: string, place: Place, rank: number): unknown => {
    if (typeof at === 'string') {
      const number = markedField(at);
      const field = number === undefined ? undefined : fields[number];
      return field ? fitted(say(name, place, field, rank), field) : at;
    }
    if (Array.isArray(at)) return visitItems(at, name, place);
    if (typeof at !== 'object' || at === null) return at;
    let longStrings = 0;
    return Object.fromEntries(
      Object.entries(at).map(([key, inner]) => {
        const isLong = typeof inner === 'string' && !SHORT_FIELD.test(key);
        return [key, visit(inner, key, place, isLong ? longStrings++ : 0)];
      }),
    );
  };
  const visitItems = (items: unknown[], name: string, place: Place): unknown[] => {
    const statements = spread(statementsOf(place.sections), items.length);
    const parts = partsOf(place.sections, items.length, Math.min(items.length, MIN_OBJECTS));
    const limit = Math.min(place.limit, Math.floor(MAX_CHARACTERS / Math.max(1, items.length)));
    return items.map((item, i) => {
      const number = typeof item === 'string' ? markedField(item) : undefined;
      const field = number === undefined ? undefined : fields[number];
      if (field) return fitted(numbered(statements, i), field);
      const part = parts[i % Math.max(1, parts.length)];
      return visit(item, name, { sections: part ? [part] : [], limit, source: null }, 0);
    });
  };
  return visit(value, '', { sections, limit: MAX_FIELD_CHARACTERS, source }, 0);
}

function say(name: string, place: Place, field: TextField, rank: number): string {
  const [first] = place.sections;
  if (SHORT_FIELD.test(name) || field.maxLength < SHORT_BELOW_CHARACTERS) {
    return first?.title || clip(excerptOf(place.sections, TITLE_CHARACTERS), TITLE_CHARACTERS);
  }
  if (place.source) return answerTo(place.source.question, place.source.context, rank);
  return excerptOf(place.sections, place.limit, rank);
}

/** The `index`-th of `texts`; where there are fewer, one of them is repeated with a number. */
function numbered(texts: readonly string[], index: number): string {
  if (texts.length === 0) return index === 0 ? NOTHING : `${NOTHING} (${index + 1})`;
  const text = texts[index % texts.length] as string;
  return index < texts.length ? text : `${text} (${Math.floor(index / texts.length) + 1})`;
}

/** `text` within the limits of `field`, which count whole characters. */
function fitted(text: string, { minLength, maxLength }: TextField): string {
  const said = text || NOTHING;
  const long = said.length >= minLength ? said : said.padEnd(minLength, ` ${said}`);
  const characters = [...long];
  if (characters.length > maxLength)
    return clip(characters.slice(0, maxLength).join(''), maxLength);
  return characters.length < minLength ? long.padEnd(2 * minLength, '.') : long;
}
