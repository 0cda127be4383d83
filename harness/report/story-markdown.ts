/** A reported hang as Markdown, to be pasted into its issue. Pure. */
import type { Story, ToldStep } from '../matrix/story.ts';
import { cell } from './markdown.ts';

export function storyMarkdown(story: Story, told: readonly ToldStep[]): string {
  const rows = told.map(({ step, asTold, sentence }) => {
    const how = step.defect ? `${step.scenario} + ${step.defect}` : `${step.scenario}, healthy`;
    const mark = asTold ? '' : '**not as told:** ';
    return `| ${step.chapter} | ${cell(step.title)} (\`${how}\`) | ${mark}${cell(sentence)} |`;
  });
  return [
    `## ${story.headline}`,
    '',
    '| | tried | what it did |',
    '|---|---|---|',
    ...rows,
    '',
    "**What the report's own account got wrong, or could not know**",
    '',
    ...story.corrections.map((correction) => `- ${correction}`),
    '',
  ].join('\n');
}
