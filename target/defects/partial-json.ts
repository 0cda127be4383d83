/** Turns the beginning of a JSON text into complete JSON. Reads all of it each time. */

/** `text` with its missing end added; null when that is impossible. */
export function completed(text: string): string | null {
  const closing: string[] = [];
  let inString = false;
  let escaped = false;
  for (const character of text) {
    if (escaped) escaped = false;
    else if (inString && character === '\\') escaped = true;
    else if (character === '"') inString = !inString;
    else if (inString) continue;
    else if (character === '{') closing.unshift('}');
    else if (character === '[') closing.unshift(']');
    else if (character === '}' || character === ']') closing.shift();
  }
  const rest = closing.join('');
  if (inString) {
    const whole = text.replace(/\\u?[0-9a-fA-F]{0,3}$/, '');
    return firstThatParses([`${whole}"${rest}`, `${whole}":null${rest}`]);
  }
  const bare = text.trimEnd().replace(/,$/, '');
  return firstThatParses([`${bare}${rest}`, `${bare}null${rest}`, `${bare}:null${rest}`]);
}

function firstThatParses(candidates: readonly string[]): string | null {
  return candidates.find(parses) ?? null;
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
