/** Text of somebody else, made fit for a terminal: what would move the cursor or hide text is shown instead. */

// Controls of ASCII and Latin-1, marks of direction, and separators that a terminal may take as a new line.
const HARMFUL = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const KEPT = new Set(['\n', '\t']);
const OWN_STYLE = /(\x1b\[[\d;]*m)/;

/** Every harmful character becomes its escape, `\u{1b}`; new lines and tabs stay. */
export function plainText(text: string): string {
  return text.replaceAll(HARMFUL, (character) =>
    KEPT.has(character) ? character : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** The same for text that hanglab has coloured itself: its styles stay. */
export function plainStyledText(text: string): string {
  return text
    .split(OWN_STYLE)
    .map((part, i) => (i % 2 === 1 ? part : plainText(part)))
    .join('');
}
