import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

test('every relative link in the Markdown leads to a file, and to a heading that it has', () => {
  const files = ['*.md', 'docs/**/*.md', 'examples/*.md', 'harness/**/*.md'].flatMap((pattern) =>
    globSync(pattern),
  );
  expect(files.length).toBeGreaterThan(10);
  const broken = files.flatMap((file) => {
    const text = readFileSync(file, 'utf8').replaceAll(/```[\s\S]*?```/g, '');
    return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
      if (/^[a-z]+:/.test(link)) return [];
      const [path = '', heading] = link.split('#');
      const target = path === '' ? file : join(dirname(file), path);
      if (!existsSync(target)) return `${file}: ${link}`;
      if (heading === undefined) return [];
      return headings(target).includes(heading) ? [] : `${file}: ${link}`;
    });
  });
  expect(broken).toEqual([]);
});

/** As GitHub calls them. */
function headings(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}
