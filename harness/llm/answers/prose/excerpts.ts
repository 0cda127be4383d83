/**
 * What the scripted model says: always sentences of the text it was given, so that an answer means
 * something and a search for it finds its document. No randomness: the same text, the same answer.
 */
import { type Section, sectionsOf } from './sections.ts';
import { clip, isStatement, spread, wordsOf } from './text.ts';

/** How many parts a text is worth: one for each so many characters, 10 KB give four, 20 KB give eight. */
const CHARACTERS_A_PART = 2500;
const MIN_PARTS = 3;
const MAX_PARTS = 8;
const MAX_EXCERPT_CHARACTERS = 600;
const MAX_ANSWER_SENTENCES = 4;
const FALLBACK_CHARACTERS = 300;

/** How many parts `text` would be divided into when nobody asks for a number. */
export function naturalParts(text: string): number {
  return Math.min(MAX_PARTS, Math.max(MIN_PARTS, Math.round(text.length / CHARACTERS_A_PART)));
}

/**
 * At most `count` parts of `sections`, evenly spread: the sections that state something where there
 * are `atLeast` of those, else all sections, else their paragraphs, else their sentences.
 */
export function partsOf(sections: readonly Section[], count: number, atLeast: number): Section[] {
  const stating = sections.filter(({ paragraphs }) => paragraphs.flat().some(isStatement));
  return spread(stating.length >= atLeast ? stating : finer(sections, atLeast), count);
}

/** Sentences that state something; all sentences, or the clauses of the only one, where there are too few. */
export function statementsOf(sections: readonly Section[]): string[] {
  const sentences = proseOf(sections);
  const statements = sentences.filter(isStatement);
  if (statements.length >= 2) return statements;
  return sentences.length >= 2 ? sentences : clausesOf(sentences[0] ?? '');
}

/** Consecutive sentences of `sections` from the `from`-th statement on, about `limit` characters. */
export function excerptOf(sections: readonly Section[], limit: number, from = 0): string {
  const all = proseOf(sections);
  const statements = all.filter(isStatement);
  const sentences = rotated(statements.length > 0 ? statements : all, from);
  const lengthAt = (i: number): number => sentences[i]?.length ?? Number.POSITIVE_INFINITY;
  const pair = sentences.findIndex((_, i) => lengthAt(i) + 1 + lengthAt(i + 1) <= limit);
  const start = pair >= 0 ? pair : sentences.findIndex(({ length }) => length <= limit);
  if (start < 0) return clip(sentences[0] ?? '', MAX_EXCERPT_CHARACTERS);
  let text = sentences[start] as string;
  for (const sentence of sentences.slice(start + 1)) {
    if (text.length + 1 + sentence.length > limit) break;
    text += ` ${sentence}`;
  }
  return text;
}

/**
 * The few sentences of `context` that share most words with `question`, in their order; the
 * `variation`-th such choice.
 */
export function answerTo(question: string, context: string, variation = 0): string {
  const asked = new Set(wordsOf(question).filter((word) => word.length > 3));
  const sentences = proseOf(sectionsOf(context)).filter((sentence) => !question.includes(sentence));
  const scored = sentences.map((sentence, index) => {
    const words = new Set(wordsOf(sentence));
    let shared = 0;
    for (const word of words) if (asked.has(word)) shared++;
    return { sentence, index, score: shared / Math.sqrt(words.size + 1) };
  });
  const best = scored.sort((a, b) => b.score - a.score || a.index - b.index);
  const chosen = rotated(best, variation).slice(0, MAX_ANSWER_SENTENCES);
  const text = chosen
    .sort((a, b) => a.index - b.index)
    .map(({ sentence }) => sentence)
    .join(' ');
  return text || clip(context.trim(), FALLBACK_CHARACTERS);
}

/** `count` of `tokens`, from the first again where they are too few; as they are without a count. */
export function exactly(tokens: readonly string[], count: number | undefined): string[] {
  if (count === undefined || count <= tokens.length) return tokens.slice(0, count);
  const [first = 'more', ...rest] = tokens;
  const again = [/^\s/.test(first) ? first : ` ${first}`, ...rest];
  const all = [...tokens];
  while (all.length < count) all.push(again[(all.length - tokens.length) % again.length] as string);
  return all;
}

function proseOf(sections: readonly Section[]): string[] {
  return sections.flatMap(({ paragraphs }) => paragraphs.flat());
}

/** `sections`, or their paragraphs, or sentences: the coarsest of which there are `count`. */
function finer(sections: readonly Section[], count: number): readonly Section[] {
  if (sections.length >= count) return sections;
  const split = (cut: (paragraph: string[]) => string[][]): Section[] =>
    sections.flatMap(({ title, paragraphs }) =>
      paragraphs
        .flatMap(cut)
        .map((part, i) => ({ title: i === 0 ? title : '', paragraphs: [part] })),
    );
  const paragraphs = split((paragraph) => [paragraph]);
  if (paragraphs.length >= count) return paragraphs;
  return split((paragraph) => paragraph.map((sentence) => [sentence]));
}

function clausesOf(sentence: string): string[] {
  const clauses = sentence.split(/(?<=[,;:])\s+/).filter((clause) => wordsOf(clause).length > 3);
  if (clauses.length >= 2) return clauses;
  return sentence === '' ? [] : [sentence];
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const at = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}
