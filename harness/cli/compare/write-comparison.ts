/** The report of a comparison: `compare.md` and `compare.json`, in a folder beside those of its runs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Comparison, comparisonJson } from '../../compare/comparison-json.ts';
import { comparisonMarkdown } from '../../compare/comparison-markdown.ts';
import { makeReportFolder } from '../../report/folder.ts';

/** @returns the path of the Markdown. */
export function writeComparison(out: string, comparison: Comparison): string {
  const folder = makeReportFolder(out, 'compare', new Date());
  const markdown = join(folder, 'compare.md');
  writeFileSync(markdown, comparisonMarkdown(comparison));
  const json = JSON.stringify(comparisonJson(comparison), null, 2);
  writeFileSync(join(folder, 'compare.json'), `${json}\n`);
  return markdown;
}
