/** Two versions beside each other: first what changed. */
import type { ComparePage, CompareRow, CompareSide } from '../../result-data.ts';
import { type Child, foreign, h, sentence, table } from '../dom.ts';
import { verdictMark } from './verdict-mark.ts';

const ORDER = ['broken', 'both fail', 'undecided', 'fixed', 'same'];
const HEADS: Record<string, string> = { broken: 'fail', undecided: 'inconclusive' };

export function compareView({ a, b, rows, notes }: ComparePage): HTMLElement {
  const sorted = rows.toSorted((x, y) => ORDER.indexOf(x.outcome) - ORDER.indexOf(y.outcome));
  const outcomes = [...Map.groupBy(sorted, ({ outcome }) => outcome)];
  const counts = outcomes.map(([outcome, same]) => `${same.length} ${outcome}`).join(', ');
  const worst = sorted[0]?.outcome ?? 'undecided';
  return h(
    'article',
    { class: 'compare' },
    h(
      'header',
      { class: `head head-${HEADS[worst] ?? 'pass'}` },
      h('p', { class: 'subject' }, h('strong', {}, 'hanglab compare')),
      h('h1', {}, foreign(a), ' → ', foreign(b), ': ', counts || 'nothing was compared', '.'),
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
    numbers.length > 0 && numbersView(numbers, nameA, nameB),
  );
}

function numbersView(numbers: CompareRow['numbers'], nameA: string, nameB: string): HTMLElement {
  const view = table(
    'Numbers that differ by more than noise',
    ['number', nameA, nameB, 'within one version it differs by'],
    numbers.map((number) => [number.name, number.a, number.b, number.noise]),
  );
  view.classList.add('numbers');
  return view;
}

function sideView(name: string, side: CompareSide | null): HTMLElement {
  const body: Child[] = side
    ? [
        h('p', {}, verdictMark(side.verdict), ' ', side.place && h('code', {}, side.place)),
        side.sentence && h('p', { class: 'headline' }, sentence(side.sentence)),
        side.findings.length > 0 &&
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
