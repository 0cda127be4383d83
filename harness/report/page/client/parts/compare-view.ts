/** Two versions beside each other: first what changed. */
import type { ComparePage, CompareRow, CompareSide } from '../../result-data.ts';
import { type Child, foreign, h, sentence, table } from '../dom.ts';
import { verdictMark } from './verdict-mark.ts';

const ORDER = ['broken', 'both fail', 'undecided', 'fixed', 'same'];

export function compareView({ a, b, rows, notes }: ComparePage): HTMLElement {
  const sorted = rows.toSorted((x, y) => ORDER.indexOf(x.outcome) - ORDER.indexOf(y.outcome));
  const outcomes = [...Map.groupBy(sorted, ({ outcome }) => outcome)];
  const worst = sorted[0]?.outcome ?? 'same';
  return h(
    'article',
    { class: 'compare' },
    h(
      'header',
      { class: `head ${worst === 'broken' ? 'head-fail' : 'head-pass'}` },
      h('p', { class: 'subject' }, h('strong', {}, 'hanglab compare')),
      h('h1', {}, foreign(a), ' → ', foreign(b)),
      h('p', {}, outcomes.map(([outcome, same]) => `${same.length} ${outcome}`).join(', ')),
      notes.length > 0 && h('ul', {}, ...notes.map((note) => h('li', {}, foreign(note)))),
    ),
    h('div', { class: 'suite-list' }, ...sorted.map((row) => rowView(row, a, b))),
  );
}

function rowView(
  { name, outcome, because, a, b, moved, numbers }: CompareRow,
  nameA: string,
  nameB: string,
): HTMLElement {
  return h(
    'details',
    { class: 'suite-entry', open: outcome !== 'same' },
    h('summary', {}, verdictMark(outcome), h('strong', {}, foreign(name))),
    because !== '' && h('p', { class: 'muted' }, foreign(because)),
    moved &&
      h(
        'p',
        {},
        'Both fail, at another place: ',
        h('code', {}, moved.a),
        ' → ',
        h('code', {}, moved.b),
      ),
    h('div', { class: 'sides' }, sideView(nameA, a), sideView(nameB, b)),
    numbers.length > 0 &&
      table(
        'Numbers that differ',
        ['number', nameA, nameB, 'differs by, within one version'],
        numbers.map((number) => [number.name, number.a, number.b, number.noise]),
      ),
  );
}

function sideView(name: string, side: CompareSide | null): HTMLElement {
  const body: Child[] = side
    ? [
        h('p', {}, verdictMark(side.verdict), side.place && h('code', {}, ` ${side.place}`)),
        side.sentence && h('p', { class: 'headline' }, sentence(side.sentence)),
        h(
          'ul',
          {},
          ...side.findings.map(({ check, message }) =>
            h('li', {}, h('code', {}, check), ' ', foreign(message)),
          ),
        ),
      ]
    : [h('p', { class: 'muted' }, 'did not run')];
  return h('section', {}, h('h3', {}, foreign(name)), ...body);
}
