/** Splits `POST /documents title="My notes" file@a.md` into its words, as a shell would. */
import { HanglabError } from '../../platform/errors.ts';

export interface RequestWords {
  method: string;
  path: string;
  /** The words after the path, quotes taken away. */
  words: readonly string[];
  /** The JSON text at the end; null without one. */
  json: string | null;
}

/** @throws HanglabError `bad-request` */
export function requestWords(line: string): RequestWords {
  const [, method, path, rest = ''] = /^\s*([A-Za-z]+)\s+(\/\S*)\s*([\s\S]*)$/.exec(line) ?? [];
  if (method === undefined || path === undefined) {
    throw badRequest(line, "expected a method and a path, like 'GET /documents'");
  }
  const words: string[] = [];
  let left = rest.trim();
  while (left !== '') {
    // JSON has spaces and quotes of its own: it is the rest of the line.
    if (/^[{[]/.test(left)) return { method, path, words, json: left };
    const { word, length } = firstWord(left, line);
    words.push(word);
    left = left.slice(length).trimStart();
  }
  return { method, path, words, json: null };
}

/** The first word, and how many characters it takes with its quotes. */
function firstWord(text: string, line: string): { word: string; length: number } {
  let word = '';
  let quote: string | null = null;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i] as string;
    if (quote === null && /\s/.test(sign)) return { word, length: i };
    if (quote === null && (sign === '"' || sign === "'")) quote = sign;
    else if (sign === quote) quote = null;
    else word += sign;
  }
  if (quote !== null) throw badRequest(line, `the quote ${quote} is never closed`);
  return { word, length: text.length };
}

export function badRequest(line: string, why: string): HanglabError {
  return new HanglabError('bad-request', `--request '${line.slice(0, 200)}': ${why}`);
}
