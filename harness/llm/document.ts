/** Reading a document as Markdown: sections under headings, each with its paragraphs of prose. */

export interface Section {
  /** The heading; empty for text before the first one. */
  title: string;
  /** Prose only: code, tables and link definitions are left out, list items stand alone. */
  paragraphs: string[];
}

const FENCE = /^\s*(?:```|~~~)/;
const HEADING = /^\s{0,3}#{1,6}\s+(.+?)\s*#*\s*$/;
const UNDERLINE = /^\s{0,3}(?:=+|-+)\s*$/;
const LIST_ITEM = /^\s*(?:[-*+]|\d{1,3}[.)])\s+/;
const NOT_PROSE = /^\s*(?:\||<|\[[^\]]+\]:|!\[)/;

/** The sections of `text` that have any prose, in order. Plain text is one section without a title. */
export function sectionsOf(text: string): Section[] {
  const sections: Section[] = [];
  let section: Section = { title: '', paragraphs: [] };
  let lines: string[] = [];
  let inFence = false;

  const endParagraph = (): void => {
    const paragraph = lines.join(' ').replace(/\s+/g, ' ').trim();
    if (/\p{L}/u.test(paragraph)) section.paragraphs.push(paragraph);
    lines = [];
  };
  const startSection = (title: string): void => {
    endParagraph();
    if (section.paragraphs.length > 0) sections.push(section);
    section = { title, paragraphs: [] };
  };

  for (const line of text.split(/\r?\n/)) {
    if (FENCE.test(line)) {
      endParagraph();
      inFence = !inFence;
      continue;
    }
    if (inFence) continue;
    const heading = HEADING.exec(line);
    if (heading) {
      startSection(heading[1] as string);
    } else if (lines.length === 1 && UNDERLINE.test(line)) {
      const title = lines[0] as string;
      lines = [];
      startSection(title.trim());
    } else if (line.trim() === '' || NOT_PROSE.test(line)) {
      endParagraph();
    } else if (LIST_ITEM.test(line)) {
      endParagraph();
      lines.push(line.replace(LIST_ITEM, ''));
    } else {
      lines.push(line);
    }
  }
  startSection('');
  return sections;
}
