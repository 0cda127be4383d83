/** What one request is made of: drawn from the run's seed, the same for the same number. */

/** Stands in marked inputs, so that a fault can be for those and no others. */
export const FAULT_MARKER = 'unlucky-document';

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
