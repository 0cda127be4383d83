/**
 * The text of a function and the awaits in it, found by reading its source: asking the process where
 * a function stands walks its whole heap, reading does not.
 */

const OPENING = '([{';
const CLOSING = ')]}';
/** After these a slash begins a regular expression, else it divides. */
const BEFORE_REGEX =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|await|void|delete))\s*$/;

/**
 * Where the function ends whose parameters begin at `start`.
 * @returns -1 when the text cannot be followed.
 */
export function endOfFunction(text: string, start: number): number {
  let depth = 0;
  let isArrow = false;
  let hasBody = false;
  for (let at = start; at < text.length; at++) {
    const skipped = skipLiteral(text, at, start);
    if (skipped > at) {
      at = skipped - 1;
      continue;
    }
    const character = text[at]!;
    if (depth === 0 && text.startsWith('=>', at)) {
      isArrow = true;
      at++;
      continue;
    }
    if (OPENING.includes(character)) {
      if (depth === 0 && character === '{') hasBody = true;
      depth++;
    } else if (CLOSING.includes(character)) {
      depth--;
      if (depth < 0) return isArrow ? at : -1;
      if (depth === 0 && hasBody && character === '}') return at + 1;
    } else if (depth === 0 && isArrow && !hasBody && /[,;]/.test(character)) {
      return at;
    }
  }
  return -1;
}

/** Offsets of every `await` and `yield` in a stretch of text, nested functions' included. */
export function awaitsIn(text: string, start: number, end: number): number[] {
  const found: number[] = [];
  for (let at = start; at < end; at++) {
    const skipped = skipLiteral(text, at, start);
    if (skipped > at) {
      // What stands between a template's braces is code: any such word in it may be one.
      if (text[at] === '`') {
        const words = text.slice(at, skipped).matchAll(/\b(?:await|yield)\b/g);
        for (const { index } of words) found.push(at + index);
      }
      at = skipped - 1;
      continue;
    }
    const isWord = /^(?:await|yield)\b/.test(text.slice(at, at + 6));
    if (isWord && !/[\w$.]/.test(text[at - 1] ?? '')) found.push(at);
  }
  return found;
}

/** The end of the string, template, comment or regular expression that begins at `at`, else `at`. */
function skipLiteral(text: string, at: number, start: number): number {
  const character = text[at];
  if (character === "'" || character === '"') return closing(text, at, character);
  if (character === '`') return endOfTemplate(text, at);
  if (text.startsWith('//', at)) {
    const end = text.indexOf('\n', at);
    return end < 0 ? text.length : end;
  }
  if (text.startsWith('/*', at)) {
    const end = text.indexOf('*/', at + 2);
    return end < 0 ? text.length : end + 2;
  }
  if (character === '/' && BEFORE_REGEX.test(text.slice(Math.max(start, at - 20), at))) {
    return endOfRegex(text, at);
  }
  return at;
}

function closing(text: string, at: number, quote: string): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === quote) return i + 1;
  }
  return text.length;
}

function endOfTemplate(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '`') return i + 1;
    else if (text.startsWith('${', i)) {
      let depth = 1;
      for (i += 2; i < text.length && depth > 0; i++) {
        const skipped = skipLiteral(text, i, i);
        if (skipped > i) i = skipped - 1;
        else if (text[i] === '{') depth++;
        else if (text[i] === '}') depth--;
      }
      i--;
    }
  }
  return text.length;
}

function endOfRegex(text: string, at: number): number {
  let isClass = false;
  for (let i = at + 1; i < text.length && text[i] !== '\n'; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '[') isClass = true;
    else if (text[i] === ']') isClass = false;
    else if (text[i] === '/' && !isClass) return i + 1;
  }
  return at;
}
