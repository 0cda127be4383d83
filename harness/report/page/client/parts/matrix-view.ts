/** The matrix: which check catches which variant, by which margin, and what the hang was called. */
import { formatMs } from '../../../../platform/words/format-ms.ts';
import type { MatrixPage, MatrixPageRow } from '../../result-data.ts';
import { foreign, h, table } from '../dom.ts';
import { section } from './section.ts';
import { verdictMark } from './verdict-mark.ts';

export function matrixView({ verdict, rows, healthy }: MatrixPage): HTMLElement {
  const caught = rows.filter(({ result }) => result === 'caught').length;
  const passed = healthy.filter((run) => run.verdict === 'pass').length;
  return h(
    'article',
    {},
    h(
      'header',
      { class: `head head-${verdict}` },
      h('p', { class: 'subject' }, verdictMark(verdict), h('strong', {}, 'hanglab matrix')),
      h(
        'h1',
        {},
        `${caught} of ${rows.length} variants are caught; the healthy target passes ${passed} of ${healthy.length} scenarios.`,
      ),
    ),
    section(
      'variants',
      'Who catches what',
      table(
        'Variants',
        ['result', 'variant', 'scenario', 'must be caught by', 'margin', 'after', 'diagnosis'],
        rows
          .toSorted((x, y) => Number(isGood(x)) - Number(isGood(y)))
          .map((row) => [
            verdictMark(row.result),
            h(
              'span',
              {},
              foreign(row.variant),
              row.proposedFix && h('small', { class: 'muted' }, ' (a proposed fix)'),
            ),
            foreign(row.scenario),
            h('code', {}, row.expected),
            row.marginTimes >= 100 ? '> 100' : row.marginTimes.toFixed(1),
            formatMs(row.timeToVerdictMs),
            h(
              'span',
              { title: row.sentence },
              row.diagnosis ? h('code', {}, row.diagnosis) : '',
              row.isNamed === false &&
                h(
                  'strong',
                  { class: 'grew' },
                  row.diagnosis ? ' another name was expected' : 'no cause was named',
                ),
            ),
          ]),
      ),
    ),
    healthy.length > 0 && section('healthy', 'The healthy target', healthyView(healthy)),
  );
}

/** What needs a reader comes first. */
const isGood = ({ result, isNamed }: MatrixPageRow): boolean =>
  result === 'caught' && isNamed !== false;

function healthyView(healthy: MatrixPage['healthy']): HTMLElement {
  const sorted = healthy.toSorted(
    (x, y) => Number(x.verdict === 'pass') - Number(y.verdict === 'pass'),
  );
  return h(
    'ul',
    { class: 'healthy' },
    ...sorted.map((run) => h('li', {}, verdictMark(run.verdict), ' ', foreign(run.scenario))),
  );
}
