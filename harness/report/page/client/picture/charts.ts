/** The series below the requests, drawn by uPlot, each on the same time axis and with the same cursor. */
import type uPlotClass from 'uplot';
import type { Chart, Series, Timeline } from '../../timeline-data.ts';
import { h } from '../dom.ts';
import { inUnit } from '../format.ts';
import { drawBands } from './bands.ts';
import { currentPalette, type Palette } from './palette.ts';
import { gutter, listenToPointer } from './surface.ts';
import { type TimeView, ticks } from './time-view.ts';

/** Stands before this script in the page. */
declare const uPlot: typeof uPlotClass;

export interface ChartView {
  element: HTMLElement;
  draw(): void;
  destroy(): void;
}

const HEIGHT = 94;

/** Made when it comes near the window: a dozen charts that nobody looks at cost nothing. */
export function chart(data: Chart, timeline: Timeline, view: TimeView): ChartView {
  const place = h('div', { class: 'chart-plot' });
  place.style.height = `${HEIGHT}px`;
  const legend = h('div', { class: 'chart-legend', 'aria-hidden': 'true' });
  const element = h(
    'section',
    { class: 'chart', 'aria-label': data.title },
    h('h3', {}, data.title),
    legend,
    place,
    h('p', { class: 'unseen' }, summaryOf(data)),
  );
  let plot: uPlotClass | null = null;
  let isNear = false;
  const draw = (): void => {
    if (!isNear) return;
    plot ??= makePlot(data, timeline, view, place);
    const width = place.clientWidth || 800;
    if (plot.width !== width) plot.setSize({ width, height: HEIGHT });
    const { min, max } = plot.scales.x ?? {};
    if (min !== view.fromMs || max !== view.toMs) {
      plot.setScale('x', { min: view.fromMs, max: view.toMs });
    }
    const left = view.cursorMs === null ? -10 : plot.valToPos(view.cursorMs, 'x');
    plot.setCursor({ left, top: -10 }, false);
    drawLegend(legend, data, view);
  };
  const observer = new IntersectionObserver(
    (entries) => {
      isNear = entries.some(({ isIntersecting }) => isIntersecting);
      draw();
    },
    { rootMargin: '300px' },
  );
  observer.observe(element);
  const drawForPaper = (): void => {
    isNear = true;
    draw();
  };
  addEventListener('beforeprint', drawForPaper);
  listenToPointer(place, view);
  return {
    element,
    draw,
    destroy() {
      observer.disconnect();
      removeEventListener('beforeprint', drawForPaper);
      plot?.destroy();
    },
  };
}

function makePlot(data: Chart, timeline: Timeline, view: TimeView, place: HTMLElement): uPlotClass {
  const colors = currentPalette();
  const tables = data.series.map(({ t, value }) => [t, value] as [number[], number[]]);
  const columns = tables.length === 1 ? (tables[0] as [number[], number[]]) : uPlot.join(tables);
  const axis = { stroke: colors.muted, font: '11px system-ui, sans-serif' };
  const options: uPlotClass.Options = {
    width: place.clientWidth || 800,
    height: HEIGHT,
    padding: [6, gutter.right, 0, 0],
    legend: { show: false },
    // Zoom, pan and the cursor belong to the whole picture.
    cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
    scales: {
      x: { time: false, auto: false, range: () => [view.fromMs, view.toMs] },
      y:
        data.scale === 'log'
          ? { distr: 3, range: (_plot, min, max) => logRange(data, min, max) }
          : { range: (_plot, min, max) => linearRange(data, min, max) },
    },
    axes: [
      {
        // The times stand above the picture, and stay there while it scrolls.
        size: 7,
        grid: { stroke: colors.line, width: 1 },
        ticks: { show: false },
        splits: (plot) => ticks(view, plot.width - gutter.left - gutter.right).at,
        values: (_plot, splits) => splits.map(() => ''),
      },
      {
        ...axis,
        size: gutter.left,
        gap: 6,
        grid: { stroke: colors.line, width: 1 },
        ticks: { show: false },
        space: 26,
        ...(data.scale === 'log' ? { splits: (_plot, _i, min, max) => powersOfTen(min, max) } : {}),
        values: (_plot, splits) =>
          splits.map((value) => (value === null ? '' : inUnit(value, data.unit))),
      },
    ],
    series: [{}, ...data.series.map((series, i) => seriesOptions(data, series, i, colors))],
    hooks: {
      drawClear: [(plot) => drawBehind(plot, timeline, view)],
      draw: [(plot) => drawLimits(plot, data)],
    },
  };
  return new uPlot(options, columns as uPlotClass.AlignedData, place);
}

export function seriesColor({ role }: Series, index: number, colors: Palette): string {
  if (role === 'bad') return colors.bad;
  if (role === 'good') return colors.good;
  if (role === 'quiet') return colors.left;
  return colors.series[index % colors.series.length] as string;
}

function seriesOptions(
  { style }: Chart,
  series: Series,
  index: number,
  colors: Palette,
): uPlotClass.Series {
  const color = seriesColor(series, index, colors);
  const base = { label: series.name, stroke: color, width: 1.5, spanGaps: true };
  if (style === 'line') return { ...base, points: { show: false } };
  if (style === 'steps') {
    const paths = uPlot.paths.stepped?.({ align: 1 });
    return { ...base, points: { show: false }, ...(paths ? { paths } : {}) };
  }
  const size = series.role === 'bad' ? 5 : 3;
  return { ...base, paths: () => null, points: { show: true, size, fill: color, width: 0 } };
}

/** From a round power of ten below to one above, with every limit in it. */
function logRange({ limits }: Chart, min: number, max: number): [number, number] {
  const highest = Math.max(max ?? 1, ...limits.map(({ value }) => value), 1);
  const lowest = Math.max(0.1, Math.min(min ?? 1, highest));
  return [10 ** Math.floor(Math.log10(lowest)), 10 ** Math.ceil(Math.log10(highest * 1.05))];
}

function powersOfTen(min: number, max: number): number[] {
  const [first, last] = [Math.ceil(Math.log10(min)), Math.floor(Math.log10(max))];
  return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
}

/** From 0 where that leaves the changes visible; memory that grows by a tenth would else look flat. */
function linearRange({ unit }: Chart, min: number, max: number): [number, number] {
  const [low, high] = [min ?? 0, Math.max(max ?? 0, unit === 'count' ? 1 : 0.001)];
  const room = (high - low) * 0.12 || high * 0.1;
  const begin = low > 0.7 * high ? Math.max(0, low - Math.max(room, high * 0.05)) : 0;
  return [begin, high + room];
}

function drawBehind(plot: uPlotClass, timeline: Timeline, view: TimeView): void {
  const ratio = window.devicePixelRatio || 1;
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.scale(ratio, ratio);
  const box = {
    x: bbox.left / ratio,
    y: bbox.top / ratio,
    width: bbox.width / ratio,
    height: bbox.height / ratio,
  };
  drawBands(ctx, timeline, view, box);
  ctx.restore();
}

function drawLimits(plot: uPlotClass, { limits }: Chart): void {
  const ratio = window.devicePixelRatio || 1;
  const { ctx, bbox } = plot;
  const colors = currentPalette();
  for (const { label, value } of limits) {
    const y = Math.round(plot.valToPos(value, 'y', true));
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.save();
    ctx.strokeStyle = colors.bad;
    ctx.lineWidth = ratio;
    ctx.setLineDash([6 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.fillStyle = colors.bad;
    ctx.font = `${11 * ratio}px system-ui, sans-serif`;
    ctx.textAlign = 'left';
    ctx.fillText(label, bbox.left + 6 * ratio, y - 4 * ratio);
    ctx.restore();
  }
}

/** Names, and the values at the cursor, or the last ones. */
function drawLegend(legend: HTMLElement, data: Chart, view: TimeView): void {
  const colors = currentPalette();
  const atMs = view.cursorMs ?? view.toMs;
  legend.replaceChildren(
    ...data.series.map((series, i) => {
      const swatch = h('i', {});
      swatch.style.background = seriesColor(series, i, colors);
      const value = valueAt(series, atMs, data.style === 'dots');
      const text = value === null ? '–' : inUnit(value, data.unit);
      return h('span', {}, swatch, series.name, h('b', {}, text));
    }),
  );
}

/** The last value at or before `t`; of dots only one that is near. */
function valueAt({ t: times, value }: Series, t: number, isNearOnly: boolean): number | null {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) <= t) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return null;
  const isFar = isNearOnly && t - (times[low - 1] as number) > 1000;
  return isFar ? null : (value[low - 1] as number);
}

function summaryOf({ series, unit, limits }: Chart): string {
  const parts = series.map(({ name, value }) => {
    const least = value.reduce((min, each) => Math.min(min, each), Number.POSITIVE_INFINITY);
    const most = value.reduce((max, each) => Math.max(max, each), Number.NEGATIVE_INFINITY);
    const last = value.at(-1) ?? 0;
    return `${name}: from ${inUnit(least, unit)} to ${inUnit(most, unit)}, last ${inUnit(last, unit)}`;
  });
  return [...parts, ...limits.map(({ label, value }) => `${label}: ${inUnit(value, unit)}`)].join(
    '. ',
  );
}
