/** What lies behind every part of the picture: faults, time that does not count, the limits of phases, the cursor. */
import type { Timeline } from '../../timeline-data.ts';
import { currentPalette } from './palette.ts';
import { type TimeView, xOf } from './time-view.ts';

export interface PlotBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

export function drawBands(
  context: CanvasRenderingContext2D,
  timeline: Timeline,
  view: TimeView,
  box: PlotBox,
): void {
  const colors = currentPalette();
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  const span = (fromMs: number, toMs: number): [number, number] => {
    const left = xOf(view, fromMs, box.x, box.width);
    return [left, Math.max(1, xOf(view, toMs, box.x, box.width) - left)];
  };
  context.fillStyle = colors.faultSoft;
  for (const { injectedMs, healedMs } of timeline.faults) {
    const [left, width] = span(injectedMs, healedMs ?? view.untilMs);
    context.fillRect(left, box.y, width, box.height);
  }
  for (const { fromMs, toMs, weight, reason } of timeline.excluded) {
    if (toMs < view.fromMs || fromMs > view.toMs) continue;
    const [left, width] = span(fromMs, toMs);
    const color = reason === 'diagnosis' ? colors.diagnosis : colors.excluded;
    hatch(context, { ...box, x: left, width }, color, weight === 0 ? 7 : 14);
  }
  context.strokeStyle = colors.line;
  context.lineWidth = 1;
  for (const { fromMs } of timeline.phases) {
    const x = Math.round(xOf(view, fromMs, box.x, box.width)) + 0.5;
    line(context, x, box.y, x, box.y + box.height);
  }
  context.restore();
}

export function drawCursor(context: CanvasRenderingContext2D, view: TimeView, box: PlotBox): void {
  if (view.cursorMs === null) return;
  const x = Math.round(xOf(view, view.cursorMs, box.x, box.width)) + 0.5;
  if (x < box.x || x > box.x + box.width) return;
  context.strokeStyle = currentPalette().muted;
  context.setLineDash([3, 3]);
  line(context, x, box.y, x, box.y + box.height);
  context.setLineDash([]);
}

/** Slanted lines: time that does not count is seen without colours too. */
function hatch(context: CanvasRenderingContext2D, box: PlotBox, color: string, step: number): void {
  const left = Math.max(box.x, -step);
  const right = Math.min(box.x + box.width, context.canvas.width + step);
  if (right <= left) return;
  context.save();
  context.beginPath();
  context.rect(left, box.y, right - left, box.height);
  context.clip();
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.beginPath();
  // From a fixed grid, so that the lines stand still while the picture moves.
  const first = Math.floor((left - box.height) / step) * step;
  for (let x = first; x < right; x += step) {
    context.moveTo(x, box.y + box.height);
    context.lineTo(x + box.height, box.y);
  }
  context.stroke();
  context.restore();
}

export function line(
  context: CanvasRenderingContext2D,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
): void {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}
