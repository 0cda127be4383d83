/** Values in JSON answers, by a path of RFC 9535 or by a function. */
import { compile } from 'json-p3';
import type { JsonAnswer, Reading } from '../config/config.ts';
import type { HttpAnswer } from './http-message.ts';

/** The body is read as JSON when somebody asks for it: most answers are judged by their status alone. */
export function jsonAnswer(answer: HttpAnswer): JsonAnswer {
  let parsed: { json: unknown } | null = null;
  return {
    ...answer,
    get json() {
      parsed ??= { json: parse(answer.text) };
      return parsed.json;
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What is wrong with a path, null when it is one. */
export function pathProblem(path: string): string | null {
  try {
    compile(path);
    return null;
  } catch (error) {
    return `"${path}" is not a path into JSON: ${(error as Error).message}`;
  }
}

/** The first value at `path`, undefined when there is none. */
export function valueAt(json: unknown, path: string): unknown {
  const [first] = compile(path)
    .query(json as never)
    .values();
  return first;
}

/** All values at `path`. */
export function valuesAt(json: unknown, path: string): unknown[] {
  return compile(path)
    .query(json as never)
    .values();
}

/** Reads a value out of an answer; undefined when it is not there. */
export function read<T>(reading: Reading<T>, answer: JsonAnswer): T | undefined {
  if (typeof reading === 'function') return reading(answer);
  return valueAt(answer.json, reading) as T | undefined;
}
