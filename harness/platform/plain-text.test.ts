import { expect, test } from 'vitest';
import { plainStyledText, plainText } from './plain-text.ts';

const HOSTILE = 'a\u001b[2J\u001b]0;title\u0007b\rc\u009bd\u202ee\u2028f\n\tg';

test('what would move the cursor, hide or reverse text is shown as its escape', () => {
  expect(plainText(HOSTILE)).toBe(
    'a\\u{1b}[2J\\u{1b}]0;title\\u{7}b\\u{d}c\\u{9b}d\\u{202e}e\\u{2028}f\n\tg',
  );
});

test('text as people write it stays', () => {
  const text = 'Größe 日本語 🙂 "quoted" <b>\n\tindented';
  expect(plainText(text)).toBe(text);
});

test('beside colours, nothing else gets through', () => {
  expect(plainStyledText('\u001b[31mred\u001b[39m \u001b[2J')).toBe(
    '\u001b[31mred\u001b[39m \\u{1b}[2J',
  );
});
