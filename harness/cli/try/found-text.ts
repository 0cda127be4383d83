/** The table of what was found, for a person. */
import { plainText } from '../../platform/plain-text.ts';
import { plural } from '../../platform/plural.ts';
import type { Unused } from '../../target/discovery/offered.ts';
import type { Output } from '../shared/output.ts';
import { wrapped } from '../shared/wrap.ts';
import type { FoundRow } from './found-table.ts';

const MAX_UNUSED = 12;
const MAX_MISSING = 6;

export function foundText(
  rows: readonly FoundRow[],
  unused: readonly Unused[],
  missing: readonly { need: string; scenarios: number }[],
  out: Output,
): string {
  const whatWidth = Math.max(...rows.map(({ what }) => what.length), 5);
  const isCounted = rows.some(({ unlocks }) => /\d/.test(unlocks));
  const unlocksWidth = isCounted ? Math.max(...rows.map(({ unlocks }) => unlocks.length), 7) : 0;
  const line = (what: string, unlocks: string, where: string): string => {
    const count = isCounted ? `${unlocks.padEnd(unlocksWidth)}  ` : '';
    const start = `  ${what.padEnd(whatWidth)}  ${count}`;
    return wrapped(start + where, out.stream, ' '.repeat(start.length));
  };
  return [
    out.paint('bold', line('found', 'unlocks', 'where')),
    ...rows.map(({ what, unlocks, where }) => line(what, unlocks, plainLine(where))),
    ...section(
      'not found',
      missing
        .slice(0, MAX_MISSING)
        .map(
          ({ need, scenarios }) =>
            `${need}: ${plural(scenarios, 'scenario needs', 'scenarios need')} it`,
        ),
      missing.length - MAX_MISSING,
      out,
    ),
    ...section(
      'not used',
      unused.slice(0, MAX_UNUSED).map(({ label, reason }) => `${label}: ${reason}`),
      unused.length - MAX_UNUSED,
      out,
    ),
  ].join('\n');
}

function section(title: string, lines: readonly string[], more: number, out: Output): string[] {
  if (lines.length === 0) return [];
  return [
    out.paint('bold', title),
    ...lines.map((text) => wrapped(`  ${plainLine(text)}`, out.stream, '    ')),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

/** The server has had a word in it: paths, answers. */
function plainLine(text: string): string {
  return plainText(text.replaceAll(/\s+/g, ' '));
}
