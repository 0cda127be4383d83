/**
 * Which texts of a request may differ from one request to the next, and by which placeholder: recognized by the
 * name of the field. Everything else stays as it was given.
 */

/** A whole document, as long as the load wants. */
const DOCUMENT =
  /^(content|contents|text|document|body|markdown|html|transcript|article|page_content)$/i;
/** A few sentences, as a person would write them to a model. */
const TEXT =
  /^(prompt|message|question|query|input|q|search|instruction|instructions|description|comment|summary|note)$/i;
/** A short name. */
const TITLE = /^(title|name|subject|label|headline|filename)$/i;

/** What the longest placeholder of each kind comes to, with room to spare. */
const CHARACTERS = { title: 12, text: 300, document: 100_000 };

/**
 * The placeholder for a field, null when its name says nothing.
 * @param maxLength what the field may hold at most.
 */
export function placeholderFor(
  field: string,
  maxLength = Number.POSITIVE_INFINITY,
): '${title}' | '${text}' | '${document}' | null {
  if (DOCUMENT.test(field) && maxLength >= CHARACTERS.document) return '${document}';
  if ((TEXT.test(field) || DOCUMENT.test(field)) && maxLength >= CHARACTERS.text) return '${text}';
  const isNamed = TITLE.test(field) || TEXT.test(field) || DOCUMENT.test(field);
  return isNamed && maxLength >= CHARACTERS.title ? '${title}' : null;
}

/** For a text of which nothing is known but how long it may be; null when it is too short for that. */
export function anyPlaceholder(maxLength = Number.POSITIVE_INFINITY): '${title}' | null {
  return maxLength >= CHARACTERS.title ? '${title}' : null;
}

/**
 * A recorded or given value with its sentences and titles replaced, so that no two requests are the same. A
 * text of unknown limits is replaced by a short one.
 */
export function varied(value: unknown, field = ''): unknown {
  if (Array.isArray(value)) return value.map((part) => varied(part, field));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, varied(part, name)]),
    );
  }
  if (typeof value !== 'string' || value === '') return value;
  const isSentence = /\S\s+\S/.test(value);
  if (TITLE.test(field)) return isSentence ? '${title}' : value;
  return isSentence && (TEXT.test(field) || DOCUMENT.test(field)) ? '${text}' : value;
}
