/** A soak: which resource grew, by how much, what of it, and its value after each round. */
import { formatMs } from '../../../../platform/format-ms.ts';
import { plural } from '../../../../platform/plural.ts';
import type { SoakPage, SoakResource } from '../../result-data.ts';
import { foreign, h, svg } from '../dom.ts';
import { bytes, count } from '../format.ts';
import { verdictMark } from './verdict-mark.ts';

const ORDER = ['leak', 'undecided', 'flat'];
const HEADS: Record<string, string> = { flat: 'pass', leak: 'fail', failed: 'fail' };
const PLOT = { width: 620, height: 96, left: 84, right: 10, top: 8, bottom: 18 };

export function soakView(page: SoakPage): HTMLElement {
  const { verdict, resources, rounds, target, scenarios, failure, notes } = page;
  const sorted = resources.toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  const of = (wanted: string): number => resources.filter((r) => r.verdict === wanted).length;
  const parts = ORDER.filter((each) => of(each) > 0).map((each) => `${of(each)} ${each}`);
  const operations = rounds.reduce((sum, round) => sum + round.operations, 0);
  const tookMs = rounds.at(-1)?.atMs ?? 0;
  return h(
    'article',
    {},
    h(
      'header',
      { class: `head head-${HEADS[verdict] ?? 'inconclusive'}` },
      h(
        'p',
        { class: 'subject' },
        verdictMark(verdict),
        h('strong', {}, 'hanglab soak'),
        target !== '' && h('span', { class: 'muted' }, ' of ', foreign(target)),
        scenarios.length > 0 && h('span', { class: 'muted' }, ' · ', foreign(scenarios.join(', '))),
      ),
      h(
        'h1',
        {},
        foreign(failure ?? `${plural(resources.length, 'resource')}: ${parts.join(', ')}.`),
      ),
      rounds.length > 0 &&
        h(
          'p',
          { class: 'muted' },
          `${plural(rounds.length, 'round')}, ${plural(operations, 'operation')}, ${formatMs(tookMs)}`,
        ),
      notes.length > 0 && h('ul', {}, ...notes.map((note) => h('li', {}, foreign(note)))),
    ),
    h('div', { class: 'suite-list' }, ...sorted.map((resource) => resourceView(resource, page))),
  );
}

function resourceView(resource: SoakResource, page: SoakPage): HTMLElement {
  const { name, verdict, sentence, evidence } = resource;
  return h(
    'details',
    { class: 'suite-entry', open: verdict !== 'flat' },
    h(
      'summary',
      {},
      verdictMark(verdict),
      h('strong', {}, foreign(name)),
      h('span', { class: 'muted' }, ' ', foreign(sentence)),
    ),
    evidence.length > 0 && h('ul', {}, ...evidence.map((line) => h('li', {}, foreign(line)))),
    roundsPlot(resource, page),
  );
}

/** A dot for each round: what counts is whether the last ones stand higher than the first. */
function roundsPlot({ values, unit, name }: SoakResource, { rounds }: SoakPage): SVGElement | null {
  const points = values.flatMap((value, i) => (value === null ? [] : [{ value, i }]));
  if (points.length < 2) return null;
  const inUnit = unit === 'bytes' ? bytes : count;
  const numbers = points.map(({ value }) => value);
  const least = numbers.reduce((a, b) => Math.min(a, b));
  const most = numbers.reduce((a, b) => Math.max(a, b));
  const span = most - least || 1;
  const { width, height, left, right, top, bottom } = PLOT;
  const x = (i: number): number =>
    left + (i / Math.max(1, values.length - 1)) * (width - left - right);
  const y = (value: number): number =>
    height - bottom - ((value - least) / span) * (height - top - bottom);
  const label = (text: string, at: number): SVGElement =>
    svg('text', { x: left - 8, y: at + 4, class: 'edge-label end' }, text);
  return svg(
    'svg',
    {
      ...{ class: 'rounds', role: 'img', viewBox: `0 0 ${width} ${height}`, width, height },
      'aria-label': `${name} after each round: ${numbers.map(inUnit).join(', ')}`,
    },
    svg('path', {
      class: 'edge',
      d: points.map(({ value, i }, at) => `${at === 0 ? 'M' : 'L'} ${x(i)} ${y(value)}`).join(' '),
    }),
    ...points.map(({ value, i }) =>
      svg(
        'circle',
        { class: 'round-dot', cx: x(i), cy: y(value), r: 4 },
        svg('title', {}, `${rounds[i]?.kind ?? 'round'} ${i + 1}: ${inUnit(value)}`),
      ),
    ),
    label(inUnit(most), y(most)),
    most === least ? null : label(inUnit(least), y(least)),
    svg('text', { x: left, y: height - 3, class: 'edge-label start' }, 'first round'),
    svg('text', { x: width - right, y: height - 3, class: 'edge-label end' }, 'last round'),
  );
}
