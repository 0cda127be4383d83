/** The requests as a table: for screen readers, for searching, and for copying. */
import { formatMs } from '../../../../platform/words/format-ms.ts';
import { OUTCOMES, type Timeline } from '../../timeline-data.ts';
import { foreign, h, table } from '../dom.ts';
import { cut, instant } from '../format.ts';
import { isStuck } from './lane-layout.ts';

const MOST = 200;

/** Those that did not end well, then the slowest, made when it is opened. */
export function barTable(timeline: Timeline, select: (index: number) => void): HTMLElement {
  const { bars } = timeline;
  const details = h(
    'details',
    { class: 'as-table' },
    h(
      'summary',
      {},
      'The requests as a table: those that did not end well first, then the slowest',
    ),
  );
  details.addEventListener('toggle', () => {
    if (!details.open || details.childElementCount > 1) return;
    const shown = interesting(timeline);
    const rest = bars.fromMs.length - shown.length;
    details.append(
      table(
        'Requests',
        ['from', 'what', 'about', 'took', 'ended', 'status', 'remark'],
        shown.map((index) => rowOf(timeline, index, select)),
      ),
    );
    if (rest > 0) details.append(h('p', { class: 'muted' }, `${rest} more are in the picture.`));
  });
  return details;
}

function interesting({ bars }: Timeline): number[] {
  const durationMs = (index: number): number =>
    (bars.toMs[index] as number) - (bars.fromMs[index] as number);
  const weight = (index: number): number => {
    if (isStuck(bars, index)) return 2;
    return OUTCOMES[bars.outcome[index] as number] === 'failed' ? 1 : 0;
  };
  return bars.fromMs
    .map((_, index) => index)
    .sort((a, b) => weight(b) - weight(a) || durationMs(b) - durationMs(a))
    .slice(0, MOST);
}

function rowOf(
  { bars }: Timeline,
  index: number,
  select: (index: number) => void,
): (string | HTMLElement)[] {
  const lane = bars.lanes[bars.lane[index] as number];
  const fromMs = bars.fromMs[index] as number;
  const status = bars.status[index] as number;
  const text = (at: number): string => cut(bars.texts[at] ?? '', 120);
  const jump = h('button', { type: 'button', class: 'link' }, instant(fromMs, 10));
  jump.addEventListener('click', () => select(index));
  return [
    jump,
    foreign(cut(lane?.name ?? '', 80)),
    foreign(text(bars.subject[index] as number)),
    formatMs((bars.toMs[index] as number) - fromMs),
    OUTCOMES[bars.outcome[index] as number] ?? '',
    status > 0 ? String(status) : '',
    foreign(text(bars.detail[index] as number)),
  ];
}
