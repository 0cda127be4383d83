/** The swimlane: a bar for each request, each piece of accepted work, each upstream call. */

import { plural } from '../../../../platform/plural.ts';
import { formatMs } from '../../../../platform/words/format-ms.ts';
import { OUTCOMES, type Timeline } from '../../timeline-data.ts';
import { h } from '../dom.ts';
import { drawBands, drawCursor } from './bands.ts';
import { barText, hideTooltip, showTooltip } from './bar-tooltip.ts';
import { barNear, firstEndingAfter, isStuck, layOutLanes, type PlacedLane } from './lane-layout.ts';
import { currentPalette, type Palette } from './palette.ts';
import { gutter, listenToPointer, surface } from './surface.ts';
import { type TimeView, timeAt, xOf } from './time-view.ts';

export interface Swimlane {
  element: HTMLElement;
  draw(): void;
  /** Selects a bar and scrolls to it; -1 selects none. */
  select(index: number): void;
}

const TALLEST = 540;
const FONT = '11px system-ui, sans-serif';
const BOLD = '600 12px system-ui, sans-serif';
/** Narrower bars have no text. */
const TEXT_FROM_PX = 46;

export function swimlane(timeline: Timeline, view: TimeView): Swimlane {
  const { bars } = timeline;
  const layout = layOutLanes(bars);
  const canvas = surface(laneSummary(layout.lanes));
  const shownHeight = Math.min(TALLEST, layout.height);
  const element = h('div', { class: 'swimlane' }, canvas.element, h('div', { class: 'spacer' }));
  element.style.maxHeight = `${TALLEST}px`;
  (element.lastElementChild as HTMLElement).style.height = `${layout.height - shownHeight}px`;
  let selected = -1;

  const draw = (): void => {
    const context = canvas.begin(shownHeight);
    const offset = element.scrollTop;
    const box = { x: gutter.left, y: 0, width: canvas.plotWidth, height: shownHeight };
    drawBands(context, timeline, view, box);
    const colors = currentPalette();
    for (const lane of layout.lanes) {
      if (lane.top + lane.height < offset || lane.top > offset + shownHeight) continue;
      drawLaneName(context, lane, lane.top - offset, colors);
      drawLane(context, lane, offset, colors);
    }
    drawCursor(context, view, box);
  };

  const drawLane = (
    context: CanvasRenderingContext2D,
    { rows, top }: PlacedLane,
    offset: number,
    colors: Palette,
  ): void => {
    const { rowHeight } = layout;
    const height = Math.max(1, rowHeight - (rowHeight > 5 ? 2 : 1));
    const right = gutter.left + canvas.plotWidth;
    const texts: [string, number, number, number, string][] = [];
    context.font = FONT;
    rows.forEach((row, i) => {
      const y = top + i * rowHeight - offset;
      if (y + rowHeight < 0 || y > shownHeight) return;
      let lastX = -1;
      let lastColor = '';
      for (let at = firstEndingAfter(bars, row, view.fromMs); at < row.length; at++) {
        const index = row[at] as number;
        const fromMs = bars.fromMs[index] as number;
        if (fromMs > view.toMs) break;
        const x = Math.max(gutter.left, xOf(view, fromMs, gutter.left, canvas.plotWidth));
        const toMs = bars.toMs[index] as number;
        const end = Math.min(right, xOf(view, toMs, gutter.left, canvas.plotWidth));
        const color = colorOf(index, colors);
        // What falls on a pixel that has this colour already changes nothing.
        if (end <= lastX && color === lastColor) continue;
        const width = Math.max(1.5, end - x);
        if (bars.outcome[index] === LEFT) {
          context.strokeStyle = color;
          context.strokeRect(x + 0.5, y + 0.5, Math.max(1, width - 1), height - 1);
        } else {
          context.fillStyle = color;
          context.fillRect(x, y, width, height);
        }
        if (index === selected) outline(context, x, y, width, height, colors.text);
        [lastX, lastColor] = [x + width, color];
        if (rowHeight >= 11 && width > TEXT_FROM_PX) {
          const text = labelOf(index, toMs - fromMs);
          const ink = isStuck(bars, index) ? colors.background : colors.text;
          texts.push([text, x + 4, y + height - 3, width - 8, ink]);
        }
      }
    });
    for (const [text, x, y, width, ink] of texts) fitText(context, text, x, y, width, ink);
  };

  const colorOf = (index: number, colors: Palette): string => {
    switch (OUTCOMES[bars.outcome[index] as number]) {
      case 'open':
      case 'unknown':
        return colors.bad;
      case 'failed':
        return colors.failed;
      case 'left':
        return colors.left;
      default:
        return bars.slow[index] === 1 ? colors.slow : colors.ok;
    }
  };

  const labelOf = (index: number, durationMs: number): string => {
    const subject = bars.texts[bars.subject[index] as number] ?? '';
    if (isStuck(bars, index))
      return `${formatMs(durationMs)}, not ended ${subject && `· ${subject}`}`;
    return subject || formatMs(durationMs);
  };

  const barAt = (x: number, y: number): number => {
    const offsetY = y + element.scrollTop;
    const lane = layout.lanes.find(({ top, height }) => offsetY >= top && offsetY < top + height);
    const row = lane?.rows[Math.floor((offsetY - lane.top) / layout.rowHeight)];
    if (!row || x < gutter.left) return -1;
    const t = timeAt(view, x, gutter.left, canvas.plotWidth);
    return barNear(bars, row, t, (4 / canvas.plotWidth) * (view.toMs - view.fromMs));
  };

  listenToPointer(element, view, (x, y) => {
    const index = x < 0 ? -1 : barAt(x, y);
    if (index < 0) hideTooltip();
    else showTooltip(element, x, y, barText(timeline, index));
  });
  element.addEventListener('scroll', draw, { passive: true });

  return {
    element,
    draw,
    select(index) {
      selected = index;
      const lane = layout.lanes.find(({ rows }) => rows.some((row) => row.includes(index)));
      const row = lane?.rows.findIndex((each) => each.includes(index)) ?? -1;
      if (lane && row >= 0) {
        element.scrollTop = lane.top + row * layout.rowHeight - shownHeight / 2;
      }
      draw();
    },
  };
}

const LEFT = OUTCOMES.indexOf('left');

function drawLaneName(
  context: CanvasRenderingContext2D,
  { lane, stuck }: PlacedLane,
  y: number,
  colors: Palette,
): void {
  const room = gutter.left - 14;
  context.font = BOLD;
  fitText(context, lane.name, 2, y + 11, room, colors.text);
  context.font = FONT;
  const omitted = lane.omitted > 0 ? `, ${lane.omitted} not drawn` : '';
  fitText(context, `${lane.group} · ${lane.total}${omitted}`, 2, y + 25, room, colors.muted);
  if (stuck === 0 || room < 110) return;
  const text = `${stuck} stuck`;
  const x = gutter.left - 12 - context.measureText(text).width;
  fitText(context, text, x, y + 11, 80, colors.bad);
}

/** Text that is cut where it does not fit. */
export function fitText(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  room: number,
  ink: string,
): void {
  let shown = text;
  if (context.measureText(shown).width > room) {
    const each = context.measureText(text).width / text.length;
    shown = `${text.slice(0, Math.max(0, Math.floor(room / each) - 1))}…`;
    if (shown.length < 3) return;
  }
  context.fillStyle = ink;
  context.fillText(shown, x, y);
}

function outline(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  color: string,
): void {
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.strokeRect(x - 1, y - 1, width + 2, height + 2);
  context.lineWidth = 1;
}

function laneSummary(lanes: readonly PlacedLane[]): string {
  const parts = lanes.map(({ lane, stuck }) => {
    const ended = stuck === 0 ? 'all ended' : `${plural(stuck, 'bar')} had not ended`;
    return `${lane.group}, ${lane.name}: ${lane.total}, ${ended}`;
  });
  return `Requests over time. ${parts.join('. ')}. The table below has them as text.`;
}
