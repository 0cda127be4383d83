/** Asks the running process about objects that a heap snapshot has named. */
import type { Protocol } from 'devtools-protocol/types/protocol.js';
import type { Inspector } from './session.ts';

type RemoteObject = Protocol.Runtime.RemoteObject;

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

/** Everything asked for lives in this group, and is let go of at the end. */
export const OBJECT_GROUP = 'hanglab';

/** Where the function with this heap id is suspended; `null` when it has gone or has ended. */
export async function liveFunction(
  inspector: Inspector,
  heapId: number,
): Promise<LiveFunction | null> {
  const properties = await internalProperties(inspector, heapId);
  if (properties?.get('[[GeneratorState]]')?.value !== 'suspended') return null;
  // V8 gives a place as the value of an object; the protocol does not describe it.
  const location = properties.get('[[GeneratorLocation]]')?.value as
    | Protocol.Debugger.Location
    | undefined;
  if (!location) return null;
  return {
    location: {
      scriptId: location.scriptId,
      line: location.lineNumber,
      column: location.columnNumber ?? 0,
    },
    source: properties.get('[[GeneratorFunction]]')?.description ?? '',
    scopesId: properties.get('[[Scopes]]')?.objectId ?? null,
  };
}

const retained = new WeakMap<Inspector, Map<number, Promise<string | null>>>();

/**
 * Keeps an object alive until `releaseAll`; `null` when it has gone. The first time V8 walks its
 * whole heap: 30 ms at 95,000 objects, 300 ms at 270,000 on a busy machine, so this is for a few.
 */
export function retainObject(inspector: Inspector, heapId: number): Promise<string | null> {
  const known = retained.get(inspector) ?? new Map<number, Promise<string | null>>();
  retained.set(inspector, known);
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
export async function callOnObject(
  inspector: Inspector,
  heapId: number,
  functionDeclaration: string,
): Promise<unknown> {
  const objectId = await retainObject(inspector, heapId);
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
  const state = internalProperties.find(({ name }) => name === '[[PromiseState]]');
  return state?.value?.value === 'pending';
}

export async function releaseAll(inspector: Inspector): Promise<void> {
  retained.delete(inspector);
  await inspector.send('Runtime.releaseObjectGroup', { objectGroup: OBJECT_GROUP });
}

/** The elements of an array in order, as far as they are objects. */
export async function elementsOf(
  inspector: Inspector,
  arrayId: string,
  timeoutMs?: number,
): Promise<(string | null)[]> {
  const { result } = await inspector.send(
    'Runtime.getProperties',
    { objectId: arrayId, ownProperties: true },
    timeoutMs,
  );
  return result
    .filter(({ name }) => /^\d+$/.test(name))
    .map(({ value }) => value?.objectId ?? null);
}

async function internalProperties(
  inspector: Inspector,
  heapId: number,
): Promise<Map<string, RemoteObject | undefined> | null> {
  const objectId = await retainObject(inspector, heapId);
  if (!objectId) return null;
  const { internalProperties = [] } = await inspector.send('Runtime.getProperties', {
    objectId,
    ownProperties: true,
  });
  return new Map(internalProperties.map(({ name, value }) => [name, value]));
}
