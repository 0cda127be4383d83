/** Asks the running process about suspended functions: where each stands, and what its locals hold. */
import type { Inspector, Reply } from './session.ts';

/** A place in a script as V8 counts it: lines and columns from 0. */
export interface RawLocation {
  scriptId: string;
  line: number;
  column: number;
}

export interface LiveFunction {
  location: RawLocation;
  /** The source text of the whole function. */
  source: string;
  scopesId: string | null;
}

export interface Local {
  name: string;
  value: string;
}

/** Everything asked for lives in this group, and is let go of at the end. */
export const OBJECT_GROUP = 'hanglab';

/** Where the suspended function with this heap id stands; `null` when it has gone or has ended. */
export async function liveFunction(
  inspector: Inspector,
  heapId: number,
): Promise<LiveFunction | null> {
  const properties = await internalProperties(inspector, heapId);
  if (properties?.get('[[GeneratorState]]')?.value !== 'suspended') return null;
  const location = properties.get('[[GeneratorLocation]]')?.value;
  if (!location) return null;
  return {
    location: {
      scriptId: location.scriptId,
      line: location.lineNumber,
      column: location.columnNumber,
    },
    source: properties.get('[[GeneratorFunction]]')?.description ?? '',
    scopesId: properties.get('[[Scopes]]')?.objectId ?? null,
  };
}

const held = new WeakMap<Inspector, Map<number, Promise<string | null>>>();

/**
 * Takes hold of an object until `releaseAll`; `null` when it has gone. The first time V8 walks its
 * whole heap: 30 ms at 95,000 objects, 300 ms at 270,000 on a busy machine, so this is for a few.
 */
export function hold(inspector: Inspector, heapId: number): Promise<string | null> {
  const known = held.get(inspector) ?? new Map<number, Promise<string | null>>();
  held.set(inspector, known);
  const objectId = known.get(heapId) ?? find(inspector, heapId);
  known.set(heapId, objectId);
  return objectId;
}

async function find(inspector: Inspector, heapId: number): Promise<string | null> {
  try {
    const { result } = await inspector.send('HeapProfiler.getObjectByHeapObjectId', {
      objectId: String(heapId),
      objectGroup: OBJECT_GROUP,
    });
    return result.objectId ?? null;
  } catch {
    return null;
  }
}

/**
 * What a function, called on the object with this heap id as `this`, returns; null when it has gone.
 * The function must read only what runs no code of the program.
 */
export async function callOn(
  inspector: Inspector,
  heapId: number,
  functionDeclaration: string,
): Promise<Reply> {
  const objectId = await hold(inspector, heapId);
  if (!objectId) return null;
  const { result, exceptionDetails } = await inspector.send('Runtime.callFunctionOn', {
    objectId,
    functionDeclaration,
    returnByValue: true,
    silent: true,
  });
  return exceptionDetails ? null : (result?.value ?? null);
}

export async function isPending(inspector: Inspector, objectId: string): Promise<boolean> {
  const { internalProperties = [] } = await inspector.send('Runtime.getProperties', {
    objectId,
    ownProperties: true,
  });
  const state = internalProperties.find(({ name }: Reply) => name === '[[PromiseState]]');
  return state?.value?.value === 'pending';
}

export async function releaseAll(inspector: Inspector): Promise<void> {
  held.delete(inspector);
  await inspector.send('Runtime.releaseObjectGroup', { objectGroup: OBJECT_GROUP });
}

const MAX_LOCALS = 8;
const MAX_VALUE_CHARACTERS = 60;
const SECRET_NAME = /pass|secret|token|api_?key|authorization|cookie|credential|private/i;
const SECRET_PARAMETER = /([?&][\w-]*(?:token|key|secret|pass|sig|auth)[\w-]*=)[^&\s"]*/gi;
const SECRET_VALUE = /^(sk-|ghp_|Bearer |Basic |eyJ)/;

/** The function's own variables, nearest scope only, cut short; what looks secret is not shown. */
export async function localsOf(inspector: Inspector, scopesId: string): Promise<Local[]> {
  const { result: scopes } = await inspector.send('Runtime.getProperties', {
    objectId: scopesId,
    ownProperties: true,
  });
  // Blocks stand before the function's own scope; closures, module and globals are not its own.
  const own = scopes.filter(({ value }: Reply) => /^(Local|Block|Catch)/.test(value?.description));
  const properties = await Promise.all(
    own.map(({ value }: Reply) =>
      inspector.send('Runtime.getProperties', { objectId: value.objectId, ownProperties: true }),
    ),
  );
  const variables = properties.flatMap(({ result }) => result);
  return variables
    .filter(({ name, value }: Reply) => name !== 'this' && value && value.type !== 'undefined')
    .slice(0, MAX_LOCALS)
    .map(({ name, value }: Reply) => ({ name, value: shown(name, value) }));
}

function shown(name: string, value: Reply): string {
  if (SECRET_NAME.test(name) || SECRET_VALUE.test(String(value.value))) return '(not shown)';
  const isText = value.type === 'string';
  const text = isText ? value.value : (value.description ?? String(value.value));
  const line = text.split('\n', 1)[0].replace(SECRET_PARAMETER, '$1(not shown)');
  const cut = line.length > MAX_VALUE_CHARACTERS ? `${line.slice(0, MAX_VALUE_CHARACTERS)}…` : line;
  return isText ? JSON.stringify(cut) : cut;
}

async function internalProperties(
  inspector: Inspector,
  heapId: number,
): Promise<Map<string, Reply> | null> {
  const objectId = await hold(inspector, heapId);
  if (!objectId) return null;
  const { internalProperties = [] } = await inspector.send('Runtime.getProperties', {
    objectId,
    ownProperties: true,
  });
  return new Map(internalProperties.map(({ name, value }: Reply) => [name, value]));
}
