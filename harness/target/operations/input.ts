/** What one request is made of: drawn from the run's seed, the same for the same number. */

/** Stands in marked inputs, so that a fault can be for those and no others. */
export const FAULT_MARKER = 'unlucky-document';

/**
 * Stands in each text of an input, and in no other text of a run: whatever a server makes of a text, a
 * call at its model that still has the tag in it is for this input.
 */
export function tagOf(index: number): string {
  return `hanglab-${index}`;
}

export function titleOf(index: number): string {
  return `Guide ${index}`;
}

/**
 * The title of the input that `text` is about: of several, as in a conversation, the last one. null when
 * it has no tag.
 */
export function titleIn(text: string): string | null {
  const last = [...text.matchAll(/\bhanglab-(\d+)\b/g)].at(-1);
  return last ? titleOf(Number(last[1])) : null;
}

export interface Input {
  /** The number of the input in its run, from 1. */
  index: number;
  /** A short name: `Guide 12`. */
  title: string;
  /** A sentence that stands in this input only: whoever looks for it must find it. */
  sentence: string;
  /** A text of as many bytes as the load wants, with the sentence near its begin. */
  document: string;
  /** A few sentences, with the sentence first. */
  text: string;
  /** The id that the target gave to earlier work, for what asks for it or deletes it. */
  id: string | null;
}

/** The names that texts of a config may use in `${…}`. */
export const INPUT_PLACEHOLDERS = ['index', 'title', 'sentence', 'document', 'text', 'id'] as const;

export function valuesOf(input: Input): Record<string, string> {
  const { index, title, sentence, document, text, id } = input;
  return { index: String(index), title, sentence, document, text, id: id ?? '' };
}
