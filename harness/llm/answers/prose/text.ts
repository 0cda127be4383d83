/** Cutting text into the pieces that a model sends (tokens) and that a person reads (sentences). */

/**
 * A token is a word, or up to eight letters of a long one, or a run of punctuation, with the white
 * space before it. Real tokenisers cut English at much the same rate, about four characters each.
 */
const TOKEN = /\s*(?:[\p{L}\p{N}]{1,8}|[^\s\p{L}\p{N}]+)|\s+/gu;

const SENTENCES = new Intl.Segmenter('en', { granularity: 'sentence' });

/** The tokens of `text`; joined again they are the text. */
export function tokensOf(text: string): string[] {
  return text.match(TOKEN) ?? [];
}

/** Lower-case words of `text`, letters and digits only. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** The sentences of one paragraph, white space collapsed. */
export function sentencesOf(paragraph: string): string[] {
  return [...SENTENCES.segment(paragraph.replace(/\s+/g, ' '))]
    .map(({ segment }) => segment.trim())
    .filter((sentence) => sentence !== '');
}

/** Whether `sentence` says something: more than three words and an end; no question, title or bare link. */
export function isStatement(sentence: string): boolean {
  return /[.!。！]["')\]*`]*$/.test(sentence) && wordsOf(sentence).length > 3;
}

/** `text`, cut at a word's end so that it has at most `limit` characters. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const space = text.lastIndexOf(' ', limit);
  return text
    .slice(0, space > limit / 2 ? space : limit)
    .trimEnd()
    .toWellFormed();
}

/** `count` of `items`, evenly spread and in order; all when there are no more than that. */
export function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from(
    { length: count },
    (_, i) => items[Math.floor((i * items.length) / count)] as T,
  );
}
