/** Writes plain values as TypeScript, as a person would: on one line where they fit. */

const WIDTH = 100;

export interface SourceOptions {
  /** An expression to be written in place of a text; null for the text itself. */
  expression?(text: string): string | null;
  /** A comment above the member at this path (`operations.upload`), a line each. */
  comments?(path: string): readonly string[];
  /** Expressions that are spread into the object at this path, before its members. */
  spreads?(path: string): readonly string[];
}

/** @param indent of the line on which it begins, in spaces. */
export function sourceOf(
  value: unknown,
  options: SourceOptions = {},
  indent = 0,
  path = '',
): string {
  if (typeof value === 'string') return options.expression?.(value) ?? quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const flat = flatSource(value, options, path);
  const hasComments = commentsWithin(value, options, path);
  if (!hasComments && indent + flat.length <= WIDTH - lengthOfKey(path)) return flat;
  const inner = ' '.repeat(indent + 2);
  const lines = Array.isArray(value)
    ? value.map((part) => `${inner}${sourceOf(part, options, indent + 2, `${path}.`)},`)
    : [
        ...spreadsAt(path, options).map((spread) => `${inner}${spread},`),
        ...Object.entries(value).flatMap(([key, part]) => {
          const at = pathBelow(path, key);
          const comments = options.comments?.(at) ?? [];
          return [
            ...comments.map((comment) => `${inner}// ${comment}`),
            `${inner}${keyOf(key)}: ${sourceOf(part, options, indent + 2, at)},`,
          ];
        }),
      ];
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return [open, ...lines, `${' '.repeat(indent)}${close}`].join('\n');
}

/** All of it on one line. */
function flatSource(value: unknown, options: SourceOptions, path: string): string {
  if (typeof value === 'string') return options.expression?.(value) ?? quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value))
    return `[${value.map((part) => flatSource(part, options, `${path}.`)).join(', ')}]`;
  const members = [
    ...spreadsAt(path, options),
    ...Object.entries(value).map(
      ([key, part]) => `${keyOf(key)}: ${flatSource(part, options, pathBelow(path, key))}`,
    ),
  ];
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

function commentsWithin(value: object, options: SourceOptions, path: string): boolean {
  if (Array.isArray(value) || !options.comments) return false;
  return Object.entries(value).some(([key, part]) => {
    const at = pathBelow(path, key);
    if ((options.comments?.(at) ?? []).length > 0) return true;
    return typeof part === 'object' && part !== null && commentsWithin(part, options, at);
  });
}

function spreadsAt(path: string, { spreads }: SourceOptions): string[] {
  return (spreads?.(path) ?? []).map((expression) => `...${expression}`);
}

function pathBelow(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** The length of what is before and after the value on its line: `key: ` and a comma. */
function lengthOfKey(path: string): number {
  const key = path.slice(path.lastIndexOf('.') + 1);
  return keyOf(key).length + 3;
}

function keyOf(key: string): string {
  // In any other spelling it is no member, but the prototype.
  if (key === '__proto__') return "['__proto__']";
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key);
}

/** In single quotes, with whatever would end it or the line escaped. */
export function quoted(text: string): string {
  const inside = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  return `'${inside}'`;
}

/** A template literal: texts as they are, and expressions between them. */
export function template(parts: readonly ({ text: string } | { expression: string })[]): string {
  const inside = parts.map((part) =>
    'expression' in part
      ? `\${${part.expression}}`
      : part.text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${'),
  );
  return `\`${inside.join('')}\``;
}
