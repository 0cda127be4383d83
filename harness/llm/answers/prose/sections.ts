/** Reading a document as Markdown: sections under headings, each with its paragraphs of prose. */
import { Lexer, type Token, type Tokens } from 'marked';
import { sentencesOf } from './text.ts';

export interface Section {
  /** The heading; empty for text before the first one. */
  title: string;
  /**
   * Each paragraph as its sentences. Prose only: code, tables, HTML and link definitions are left out;
   * a list item is a paragraph of its own.
   */
  paragraphs: string[][];
}

/** The sections of `text` that have any prose, in order. Plain text is one section without a title. */
export function sectionsOf(text: string): Section[] {
  const sections: Section[] = [];
  let section: Section = { title: '', paragraphs: [] };
  const endSection = (title: string): void => {
    if (section.paragraphs.length > 0) sections.push(section);
    section = { title, paragraphs: [] };
  };
  const addParagraph = (raw: string): void => {
    if (/\p{L}/u.test(raw)) section.paragraphs.push(sentencesOf(raw));
  };
  const read = (tokens: readonly Token[]): void => {
    for (const token of tokens) {
      if (token.type === 'heading') endSection((token as Tokens.Heading).text);
      else if (token.type === 'list') {
        for (const item of (token as Tokens.List).items) read(item.tokens);
      } else if (token.type === 'blockquote') read((token as Tokens.Blockquote).tokens);
      else if (token.type === 'paragraph' || token.type === 'text') addParagraph(token.raw);
    }
  };
  // Blocks only: what stands inside a paragraph is kept as it was written.
  read(new Lexer().blockTokens(text.replace(/\r\n?/g, '\n')));
  endSection('');
  return sections;
}
