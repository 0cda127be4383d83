/** `${name}` in the texts of a config: filled in when the value is known, checked when the config is read. */
import { didYouMean } from '../../platform/errors.ts';

const PLACEHOLDER = /\$\{([^{}]*)\}/g;

export type Values = Readonly<Record<string, string>>;

/** `text` with every placeholder replaced; one without a value stays as it is. */
export function fill(text: string, values: Values): string {
  return text.replace(PLACEHOLDER, (whole, name: string) => values[name.trim()] ?? whole);
}

/** The names of all placeholders in `text`. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name.trim());
}

/** What is wrong with the placeholders of `text`, a sentence each. */
export function unknownPlaceholders(text: string, known: readonly string[]): string[] {
  return placeholdersIn(text)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const hint = didYouMean(name, known);
      return `\${${name}} is not known.${hint === '' ? ` Known: ${known.join(', ')}` : hint}`;
    });
}
