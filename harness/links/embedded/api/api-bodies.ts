/** The bodies of the API: what it reads and what it answers. */

import type { Direction, Selection, Toxic } from '../pipe/pipe.ts';
import type { TcpProxy } from '../proxy/proxy.ts';
import type { Attributes, ToxicKind } from '../toxics/toxic.ts';
import * as errors from './api-error.ts';
import { JsonError, type JsonValue, shortestFloat32 } from './go-json.ts';
import { type FieldType, fillStruct, type Given, type StructType } from './go-struct.ts';

const LOGGER: StructType = { goType: 'zerolog.Logger', name: 'Logger', fields: {} };
const PROXY: StructType = {
  goType: 'toxiproxy.Proxy',
  name: 'Proxy',
  fields: { name: 'string', listen: 'string', upstream: 'string', enabled: 'bool', Logger: LOGGER },
};
const POPULATE_ENTRY = 'struct { toxiproxy.Proxy; Enabled *bool "json:\\"enabled\\"" }';
const TOXIC: StructType = {
  goType: 'toxics.ToxicWrapper',
  name: 'ToxicWrapper',
  fields: {
    attributes: { goType: 'toxics.NoopToxic', name: 'NoopToxic', fields: {} },
    name: 'string',
    type: 'string',
    stream: 'string',
    toxicity: 'float32',
    // Not Toxiproxy's; ignored, as it ignores what it does not know, unless extras are on.
    connection: 'int',
    first: 'int',
    every: 'int',
  },
};

export interface ProxyFields {
  name: string;
  listen: string;
  upstream: string;
  enabled: boolean;
}

/** A proxy's fields; what is not given is as in `absent`. */
export function readProxy(value: JsonValue, absent: Partial<ProxyFields> = {}): ProxyFields {
  return withDefaults(readStruct(PROXY, value), absent);
}

export function readPopulation(value: JsonValue): ProxyFields[] {
  if (value.kind === 'null') return [];
  if (value.kind !== 'array') {
    throw errors.badRequestBody(
      `json: cannot unmarshal ${value.kind} into Go value of type []${POPULATE_ENTRY}`,
    );
  }
  // An embedded struct's fields carry its name, the field that hides one of them does not.
  const own: StructType = { goType: POPULATE_ENTRY, name: '', fields: { enabled: 'bool' } };
  const { enabled: _, ...fields } = PROXY.fields;
  const embedded: StructType = { goType: POPULATE_ENTRY, name: '.Proxy', fields };
  const entries = value.items.map((item) => {
    const given = { ...readStruct(embedded, item), ...readStruct(own, item) };
    return withDefaults(given, {});
  });
  for (const [index, { name, upstream }] of entries.entries()) {
    if (!name) throw errors.missingField(`name at proxy ${index + 1}`);
    if (!upstream) throw errors.missingField(`upstream at proxy ${index + 1}`);
  }
  return entries;
}

export interface ToxicFields {
  name: string;
  type: string;
  stream: string;
  direction: Direction;
  toxicity: number;
  only: Selection;
}

export const ALL: Selection = { connection: 0, first: 0, every: 0 };

/** All of a new toxic but its attributes, whose types depend on its kind. */
export function readToxic(value: JsonValue): ToxicFields {
  const given = readStruct(TOXIC, value) as Partial<Record<'name' | 'type' | 'stream', string>> & {
    toxicity?: number;
  } & Partial<Selection>;
  const { type = '', stream = 'downstream', toxicity = 1 } = given;
  const direction = stream.toLowerCase();
  if (direction !== 'upstream' && direction !== 'downstream') throw errors.invalidStream();
  const { connection = 0, first = 0, every = 0 } = given;
  const only = { connection, first, every };
  return { name: given.name || `${type}_${stream}`, type, stream, direction, toxicity, only };
}

export interface ToxicChange {
  attributes: Attributes;
  toxicity: number | undefined;
}

/** A toxic's attributes, starting from `current`, and its toxicity when it is given. */
export function readToxicChange(
  kind: ToxicKind,
  current: Attributes,
  value: JsonValue,
  reads: 'attributes' | 'attributes and toxicity',
): ToxicChange {
  const fields: Record<string, FieldType> = {};
  for (const [name, { type }] of Object.entries(kind.attributes)) fields[name] = type;
  const attributesType = { goType: `toxics.${kind.typeName}`, name: kind.typeName, fields };
  const root: StructType = {
    goType:
      'struct { Attributes interface {} "json:\\"attributes\\""; Toxicity float32 "json:\\"toxicity\\"" }',
    name: '',
    fields: { attributes: attributesType },
  };
  if (reads === 'attributes and toxicity') root.fields.toxicity = 'float32';
  const given = readStruct(root, value);
  const toxicity = given.toxicity as number | undefined;
  return { attributes: completeAttributes(kind, current, given.attributes as Given), toxicity };
}

/**
 * Toxiproxy takes any number, and crashes later on some: those are refused here.
 * @throws ApiError 400
 */
function completeAttributes(kind: ToxicKind, current: Attributes, given: Given = {}): Attributes {
  const attributes: Attributes = {};
  for (const [name, { type, min, max }] of Object.entries(kind.attributes)) {
    const value = given[name] ?? current[name] ?? (type === 'string' ? '' : 0);
    if (min !== undefined && Number(value) < min) {
      throw errors.badRequestBody(`${kind.type}: ${name} must be at least ${min}, got ${value}`);
    }
    if (max !== undefined && Number(value) > max) {
      throw errors.badRequestBody(`${kind.type}: ${name} must be at most ${max}, got ${value}`);
    }
    attributes[name] = value as number | string;
  }
  const why = kind.refuse?.(attributes);
  if (why !== undefined) throw errors.badRequestBody(`${kind.type}: ${why}`);
  return attributes;
}

function readStruct(type: StructType, value: JsonValue): Given {
  try {
    return fillStruct(type, value);
  } catch (error) {
    if (error instanceof JsonError) throw errors.badRequestBody(error.message);
    throw error;
  }
}

function withDefaults(given: Given, absent: Partial<ProxyFields>): ProxyFields {
  return { name: '', listen: '', upstream: '', enabled: true, ...absent, ...given };
}

/** @throws ApiError 400 for a number below 0. */
export function checkSelection(only: Selection): void {
  for (const [field, value] of Object.entries(only)) {
    if (value < 0) throw errors.badRequestBody(`${field} must be at least 0, got ${value}`);
  }
}

/** The toxics that an entry brings along, as they stand in it; undefined when it says nothing of them. */
export function toxicsIn(value: JsonValue): readonly JsonValue[] | undefined {
  if (value.kind !== 'object') return undefined;
  const given = value.fields.find(([key]) => key.toLowerCase() === 'toxics')?.[1];
  if (given === undefined || given.kind === 'null') return undefined;
  if (given.kind === 'array') return given.items;
  throw errors.badRequestBody(`toxics must be an array, got ${given.kind}`);
}

export function toxicJson({ attributes, name, kind, stream, toxicity, only }: Toxic) {
  return {
    attributes,
    name,
    type: kind.type,
    stream,
    toxicity: shortestFloat32(toxicity),
    ...Object.fromEntries(Object.entries(only).filter(([, value]) => value > 0)),
    ...(kind.extra ? { extra: true } : {}),
  };
}

export const toxicsJson = (proxy: TcpProxy) =>
  (['upstream', 'downstream'] as const).flatMap((direction) =>
    proxy.toxics.filter((toxic) => toxic.direction === direction).map(toxicJson),
  );

export function proxyJson(proxy: TcpProxy) {
  const { name, listen, upstream, enabled } = proxy;
  // Toxiproxy's own answers carry its logger, by an oversight.
  return { name, listen, upstream, enabled, Logger: {}, toxics: toxicsJson(proxy) };
}
