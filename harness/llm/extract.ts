/**
 * What the scripted model says: always sentences of the text it was given, so that an answer means
 * something and a search for it finds its document. No randomness: the same text, the same answer.
 */
import { type Section, sectionsOf } from './document.ts';
import { clip, isStatement, sentencesOf, spread, wordsOf } from './text.ts';

export interface Topic {
  title: string;
  text: string;
}

const MIN_TOPICS = 3;
const MAX_TOPICS = 8;
/** One topic for each so many characters of document: 10 KB give four, 20 KB give eight. */
const CHARACTERS_A_TOPIC = 2500;
const MAX_TOPIC_CHARACTERS = 600;
/** Keeps an answer under about 400 tokens, however many topics share it. */
const MAX_TOPICS_CHARACTERS = 1500;
const MAX_FACTS = 6;
const MAX_ANSWER_SENTENCES = 4;

/**
 * Three to eight topics of `document`, by its headings; by its paragraphs or sentences where it has
 * too few of those, and fewer than three only when it has fewer than three sentences.
 */
export function topicsOf(document: string): Topic[] {
  const count = Math.min(
    MAX_TOPICS,
    Math.max(MIN_TOPICS, Math.round(document.length / CHARACTERS_A_TOPIC)),
  );
  const limit = Math.min(MAX_TOPIC_CHARACTERS, Math.floor(MAX_TOPICS_CHARACTERS / count));
  const sections = sectionsOf(document);
  const telling = sections.filter(({ paragraphs }) =>
    paragraphs.flatMap(sentencesOf).some(isStatement),
  );
  const parts = telling.length >= MIN_TOPICS ? telling : atLeast(MIN_TOPICS, sections, document);
  return spread(parts, count).map((section) => {
    const text = excerpt(section.paragraphs, limit);
    return { title: section.title || clip(text, 48), text };
  });
}

/** Two to six sentences of `text` that state something; one when it has no more. */
export function factsOf(text: string): string[] {
  const sentences = proseOf(text);
  const statements = sentences.filter(isStatement);
  const facts = statements.length >= 2 ? statements : sentences;
  return spread(
    facts.length >= 2 ? facts : clausesOf(facts[0] ?? clip(text.trim(), 300)),
    MAX_FACTS,
  );
}

/** The few sentences of `context` that share most words with `question`, in their order. */
export function answerTo(question: string, context: string): string {
  const asked = new Set(wordsOf(question).filter((word) => word.length > 3));
  const sentences = proseOf(context).filter((sentence) => !question.includes(sentence));
  const scored = sentences.map((sentence, index) => {
    const words = new Set(wordsOf(sentence));
    let shared = 0;
    for (const word of words) if (asked.has(word)) shared++;
    return { sentence, index, score: shared / Math.sqrt(words.size + 1) };
  });
  const best = scored.sort((a, b) => b.score - a.score || a.index - b.index);
  const chosen = best.slice(0, MAX_ANSWER_SENTENCES).sort((a, b) => a.index - b.index);
  return chosen.map(({ sentence }) => sentence).join(' ') || clip(context.trim(), 300);
}

function proseOf(text: string): string[] {
  return sectionsOf(text).flatMap(({ paragraphs }) => paragraphs.flatMap(sentencesOf));
}

/** `sections`, or their paragraphs, or sentences: the coarsest of which there are `count`. */
function atLeast(count: number, sections: Section[], document: string): Section[] {
  if (sections.length >= count) return sections;
  const split = (cut: (paragraph: string) => string[]): Section[] =>
    sections.flatMap(({ title, paragraphs }) =>
      paragraphs
        .flatMap(cut)
        .map((part, i) => ({ title: i === 0 ? title : '', paragraphs: [part] })),
    );
  const paragraphs = split((paragraph) => [paragraph]);
  if (paragraphs.length >= count) return paragraphs;
  const sentences = split(sentencesOf);
  if (sentences.length > 0) return sentences;
  const rest = document.trim();
  return rest === '' ? [] : [{ title: '', paragraphs: [rest.replace(/\s+/g, ' ')] }];
}

/** Whole sentences of `paragraphs`, in their order, up to `limit` characters, two at least where they fit. */
function excerpt(paragraphs: readonly string[], limit: number): string {
  const all = paragraphs.flatMap(sentencesOf);
  const statements = all.filter(isStatement);
  const sentences = statements.length > 0 ? statements : all;
  const lengthAt = (i: number): number => sentences[i]?.length ?? Number.POSITIVE_INFINITY;
  const pair = sentences.findIndex((_, i) => lengthAt(i) + 1 + lengthAt(i + 1) <= limit);
  const start = pair >= 0 ? pair : sentences.findIndex(({ length }) => length <= limit);
  if (start < 0) return clip(sentences[0] ?? '', MAX_TOPIC_CHARACTERS);
  let text = sentences[start] as string;
  for (const sentence of sentences.slice(start + 1)) {
    if (text.length + 1 + sentence.length > limit) break;
    text += ` ${sentence}`;
  }
  return text;
}

function clausesOf(sentence: string): string[] {
  const clauses = sentence.split(/(?<=[,;:])\s+/).filter((clause) => wordsOf(clause).length > 3);
  if (clauses.length >= 2) return clauses;
  return sentence === '' ? [] : [sentence];
}
