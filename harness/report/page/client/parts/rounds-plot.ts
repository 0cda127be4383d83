/** A value after each round of a soak: what counts is whether the last ones stand higher than the first. */
import type { SoakPage, SoakResource } from '../../result-data.ts';
import { h, svg } from '../dom.ts';
import { bytes, count } from '../format.ts';

/** In the units of the drawing, which is stretched to the room that there is. */
const WIDTH = 1000;
const HEIGHT = 100;
const MARGIN = 8;

interface Point {
  x: number;
  y: number;
  value: number;
  kind: string;
  title: string;
}

export function amountText(value: number, unit: string): string {
  if (unit === 'bytes') return bytes(value);
  return unit === 'things' || unit === '' ? count(value) : `${count(value)} ${unit}`;
}

/** null: there are not two values to draw. */
export function roundsPlot(resource: SoakResource, page: SoakPage): HTMLElement | null {
  const points = pointsOf(resource, page);
  if (points.length < 2) return null;
  const values = points.map(({ value }) => value);
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.reduce((a, b) => Math.max(a, b));
  const text = (value: number): string => amountText(value, resource.unit);
  return h(
    'figure',
    { class: 'rounds' },
    h(
      'div',
      { class: 'rounds-scale', 'aria-hidden': 'true' },
      h('span', {}, text(most)),
      h('span', {}, most === least ? '' : text(least)),
    ),
    drawing(points, `${resource.name} after each round: ${values.map(text).join(', ')}`, true),
    h(
      'figcaption',
      { class: 'muted' },
      h('span', {}, points[0]?.kind === 'warmup' ? 'warmup' : 'first round'),
      h('span', {}, 'last round'),
    ),
  );
}

/** The same in the height of a line. */
export function roundsSpark(resource: SoakResource, page: SoakPage): HTMLElement | string {
  const points = pointsOf(resource, page);
  if (points.length < 2) return '';
  return h('div', { class: 'spark', 'aria-hidden': 'true' }, drawing(points, '', false));
}

function pointsOf({ values, unit }: SoakResource, { rounds }: SoakPage): Point[] {
  const read = values.flatMap((value, i) => (value === null ? [] : [{ value, i }]));
  const least = read.reduce((low, { value }) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const most = read.reduce((high, { value }) => Math.max(high, value), Number.NEGATIVE_INFINITY);
  const inner = HEIGHT - 2 * MARGIN;
  return read.map(({ value, i }) => {
    const kind = rounds[i]?.kind ?? 'round';
    const share = most === least ? 0.5 : (value - least) / (most - least);
    return {
      ...{ value, kind },
      x: MARGIN + (i / Math.max(1, values.length - 1)) * (WIDTH - 2 * MARGIN),
      y: HEIGHT - MARGIN - share * inner,
      title: `${KINDS[kind] ?? 'round'} ${i + 1}: ${amountText(value, unit)}`,
    };
  });
}

const KINDS: Record<string, string> = {
  warmup: 'warmup',
  idle: 'at rest',
  double: 'round with twice the work',
  late: 'long after the last round',
};

function drawing(points: readonly Point[], label: string, hasDots: boolean): SVGElement {
  const line = points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'} ${round(x)} ${round(y)}`);
  return svg(
    'svg',
    {
      ...{ viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none' },
      ...(label === '' ? {} : { role: 'img', 'aria-label': label }),
    },
    svg('path', { class: 'round-line', d: line.join(' ') }),
    ...(hasDots ? points.flatMap(dot) : []),
  );
}

/** A line without length and with round ends: unlike a circle it stays round when the drawing is stretched. */
function dot({ x, y, kind, title }: Point): SVGElement[] {
  const d = `M ${round(x)} ${round(y)} h 0.01`;
  const isMeasured = kind !== 'warmup' && kind !== 'idle';
  const size = kind === 'double' ? 'round-dot twice' : 'round-dot';
  return [
    svg('path', { class: size, d }, svg('title', {}, title)),
    ...(isMeasured ? [] : [svg('path', { class: 'round-hole', d })]),
  ];
}

const round = (value: number): number => Math.round(value * 10) / 10;
