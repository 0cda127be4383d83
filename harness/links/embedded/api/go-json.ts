/**
 * JSON as Go's encoding/json reads and writes it, down to the words of its errors: they are what
 * Toxiproxy's clients see in the body of a 400. JSON.parse with words of our own would be shorter; but
 * then a fifth of the conformance tests could not hold both servers to the same answers.
 *
 * Reads the first value of a text and ignores what follows; keys match in any case; null leaves a
 * field as it was.
 */

/** A value as it stood in the text; numbers stay text until it is known what they are for. */
export type JsonValue =
  | { kind: 'null' }
  | { kind: 'bool'; value: boolean }
  | { kind: 'number'; text: string }
  | { kind: 'string'; value: string }
  | { kind: 'array'; items: JsonValue[] }
  | { kind: 'object'; fields: [key: string, value: JsonValue][] };

/** What is wrong with a text; the message is Go's. */
export class JsonError extends Error {}

const MAX_DEPTH = 10_000;
const ESCAPES: Record<string, string> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * The first value in `bytes`.
 * @throws JsonError
 */
export function parseJson(bytes: Buffer): JsonValue {
  // One character a byte, since Go's errors speak of bytes.
  const text = bytes.toString('latin1');
  let at = 0;

  const unexpected = (context: string): JsonError =>
    at < text.length
      ? new JsonError(`invalid character ${quote(text[at] as string)} ${context}`)
      : new JsonError('unexpected EOF');
  const skipSpace = (): void => {
    while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  };

  function value(depth: number): JsonValue {
    skipSpace();
    const first = text[at];
    if (depth > MAX_DEPTH) throw unexpected('exceeded max depth');
    if (first === '{') return object(depth);
    if (first === '[') return array(depth);
    if (first === '"') return { kind: 'string', value: string() };
    if (first === 't') return word('true', { kind: 'bool', value: true });
    if (first === 'f') return word('false', { kind: 'bool', value: false });
    if (first === 'n') return word('null', { kind: 'null' });
    if (first === '-' || (first !== undefined && first >= '0' && first <= '9')) return number();
    throw unexpected('looking for beginning of value');
  }

  function word(wanted: string, result: JsonValue): JsonValue {
    for (const letter of wanted) {
      if (text[at] !== letter) throw unexpected(`in literal ${wanted} (expecting '${letter}')`);
      at++;
    }
    return result;
  }

  function digits(context: string): void {
    if (!isDigit(text[at])) throw unexpected(context);
    while (isDigit(text[at])) at++;
  }

  function number(): JsonValue {
    const start = at;
    if (text[at] === '-') at++;
    if (text[at] === '0') at++;
    else digits('in numeric literal');
    if (text[at] === '.') {
      at++;
      digits('after decimal point in numeric literal');
    }
    if (text[at] === 'e' || text[at] === 'E') {
      at++;
      if (text[at] === '+' || text[at] === '-') at++;
      digits('in exponent of numeric literal');
    }
    return { kind: 'number', text: text.slice(start, at) };
  }

  function string(): string {
    at++;
    let result = '';
    for (;;) {
      const start = at;
      while (at < text.length && text[at] !== '"' && text[at] !== '\\' && (text[at] ?? '') >= ' ')
        at++;
      result += Buffer.from(text.slice(start, at), 'latin1').toString('utf8');
      if (text[at] === '"') {
        at++;
        return result.toWellFormed();
      }
      if (text[at] !== '\\') throw unexpected('in string literal');
      at++;
      const letter = text[at] ?? '';
      if (letter === 'u') {
        at++;
        const from = at;
        for (; at < from + 4; at++) {
          if (!/[0-9a-fA-F]/.test(text[at] ?? '')) {
            throw unexpected('in \\u hexadecimal character escape');
          }
        }
        result += String.fromCharCode(Number.parseInt(text.slice(from, at), 16));
        continue;
      }
      const plain = ESCAPES[letter];
      if (plain === undefined) throw unexpected('in string escape code');
      result += plain;
      at++;
    }
  }

  function array(depth: number): JsonValue {
    at++;
    const items: JsonValue[] = [];
    skipSpace();
    if (text[at] === ']') {
      at++;
      return { kind: 'array', items };
    }
    for (;;) {
      items.push(value(depth + 1));
      skipSpace();
      if (text[at] !== ',' && text[at] !== ']') throw unexpected('after array element');
      if (text[at++] === ']') return { kind: 'array', items };
    }
  }

  function object(depth: number): JsonValue {
    at++;
    const fields: [string, JsonValue][] = [];
    skipSpace();
    if (text[at] === '}') {
      at++;
      return { kind: 'object', fields };
    }
    for (;;) {
      skipSpace();
      if (text[at] !== '"') throw unexpected('looking for beginning of object key string');
      const key = string();
      skipSpace();
      if (text[at] !== ':') throw unexpected('after object key');
      at++;
      fields.push([key, value(depth + 1)]);
      skipSpace();
      if (text[at] !== ',' && text[at] !== '}') throw unexpected('after object key:value pair');
      if (text[at++] === '}') return { kind: 'object', fields };
    }
  }

  skipSpace();
  if (at === text.length) throw new JsonError('EOF');
  return value(1);
}

const isDigit = (letter: string | undefined): boolean =>
  letter !== undefined && letter >= '0' && letter <= '9';

/** A character in quotes, as Go prints it. */
function quote(character: string): string {
  const special: Record<string, string> = {
    "'": "\\'",
    '\\': '\\\\',
    '\b': '\\b',
    '\f': '\\f',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\v': '\\v',
    '\x07': '\\a',
  };
  const code = character.charCodeAt(0);
  const hex = code.toString(16);
  if (special[character] !== undefined) return `'${special[character]}'`;
  if (code < 0x20 || code === 0x7f) return `'\\x${hex.padStart(2, '0')}'`;
  if ((code >= 0x80 && code <= 0xa0) || code === 0xad) return `'\\u${hex.padStart(4, '0')}'`;
  return `'${character}'`;
}

/** As Go writes it: no spaces, and what HTML or JavaScript could misread is escaped. */
export function stringifyJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The shortest number that is the same 32-bit float: what Go prints of one. */
export function shortestFloat32(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}
