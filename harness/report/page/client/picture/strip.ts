/** The head of the picture: the whole run in small, the time axis, phases, faults, readiness, marks. */

import type { FaultBand, Mark, Timeline } from '../../timeline-data.ts';
import { h } from '../dom.ts';
import { instant } from '../format.ts';
import { drawBands, drawCursor, line } from './bands.ts';
import { hideTooltip, showTooltip } from './bar-tooltip.ts';
import { currentPalette, type Palette } from './palette.ts';
import { gutter, listenToPointer, surface } from './surface.ts';
import { fitText } from './swimlane.ts';
import { type TimeView, ticks, timeAt, xOf } from './time-view.ts';

const FONT = '11px system-ui, sans-serif';
const AXIS = 22;
const ROW = 20;
const MARK_ROW = 18;
/** Faults of more names than this share the last row. */
const MAX_FAULT_ROWS = 6;

export function strip(timeline: Timeline, view: TimeView): { element: HTMLElement; draw(): void } {
  const names = [...new Set(timeline.faults.map(({ name }) => name))];
  const faultRows = Math.min(MAX_FAULT_ROWS, names.length);
  const hasReadiness = timeline.readiness.length > 0;
  const top = { phases: AXIS, faults: AXIS + ROW, ready: AXIS + ROW * (1 + faultRows) };
  const marksTop = top.ready + (hasReadiness ? ROW : 0);
  const height = marksTop + (timeline.marks.length > 0 ? MARK_ROW : 0) + 2;
  const canvas = surface(summaryOf(timeline));
  const element = h('div', { class: 'strip' }, canvas.element);

  const bar = (
    context: CanvasRenderingContext2D,
    fromMs: number,
    toMs: number,
    y: number,
    color: string,
    text: string,
    ink: string,
  ): void => {
    const right = gutter.left + canvas.plotWidth;
    const x = Math.max(gutter.left, xOf(view, fromMs, gutter.left, canvas.plotWidth));
    const end = Math.min(right, xOf(view, toMs, gutter.left, canvas.plotWidth));
    if (end < gutter.left || x > right) return;
    context.fillStyle = color;
    context.fillRect(x, y, Math.max(2, end - x), ROW - 4);
    if (end - x > 30) fitText(context, text, x + 5, y + ROW - 9, end - x - 8, ink);
  };

  const name = (context: CanvasRenderingContext2D, text: string, y: number): void =>
    fitText(context, text, 2, y + ROW - 9, gutter.left - 12, currentPalette().muted);

  const drawAxis = (context: CanvasRenderingContext2D, colors: Palette): void => {
    const { at, stepMs } = ticks(view, canvas.plotWidth);
    context.strokeStyle = colors.line;
    for (const t of at) {
      const x = Math.round(xOf(view, t, gutter.left, canvas.plotWidth)) + 0.5;
      line(context, x, AXIS - 6, x, height);
      fitText(context, instant(t, stepMs), x + 3, 12, 90, colors.muted);
    }
  };

  const drawFault = (
    context: CanvasRenderingContext2D,
    fault: FaultBand,
    colors: Palette,
  ): void => {
    const row = Math.min(names.indexOf(fault.name), faultRows - 1);
    const y = top.faults + row * ROW;
    const toMs = fault.healedMs ?? view.untilMs;
    bar(context, fault.injectedMs, toMs, y, colors.fault, faultText(fault), colors.background);
    if (fault.tookEffectMs === null) return;
    const x = Math.round(xOf(view, fault.tookEffectMs, gutter.left, canvas.plotWidth)) + 0.5;
    if (x < gutter.left || x > gutter.left + canvas.plotWidth) return;
    context.fillStyle = colors.text;
    triangle(context, x, y, 5);
  };

  const draw = (): void => {
    const context = canvas.begin(height);
    const colors = currentPalette();
    const box = { x: gutter.left, y: AXIS, width: canvas.plotWidth, height: height - AXIS };
    context.font = FONT;
    drawBands(context, timeline, view, box);
    drawAxis(context, colors);
    name(context, 'phase', top.phases);
    timeline.phases.forEach(({ name: text, fromMs, toMs }, i) => {
      const color = i % 2 === 0 ? colors.phase : colors.phaseAlt;
      bar(context, fromMs, toMs, top.phases, color, text, colors.text);
    });
    names.slice(0, faultRows).forEach((text, i) => {
      const rest = i === faultRows - 1 ? names.length - faultRows : 0;
      name(context, rest > 0 ? `${text} and ${rest} more` : text, top.faults + i * ROW);
    });
    for (const fault of timeline.faults) drawFault(context, fault, colors);
    if (hasReadiness) name(context, 'readiness', top.ready);
    for (const { fromMs, toMs, good, text } of timeline.readiness) {
      const color = good ? colors.good : colors.bad;
      const shown = good ? 'ready' : `not ready${text && `: ${text}`}`;
      bar(context, fromMs, toMs, top.ready, color, shown, colors.background);
    }
    for (const mark of timeline.marks) drawMark(context, mark, colors);
    drawCursor(context, view, { ...box, y: 0, height });
    if (view.cursorMs !== null) {
      const text = instant(view.cursorMs, 10);
      const x = xOf(view, view.cursorMs, gutter.left, canvas.plotWidth);
      context.fillStyle = colors.background;
      context.fillRect(x + 2, 1, context.measureText(text).width + 6, 14);
      fitText(context, text, x + 5, 12, 90, colors.text);
    }
  };

  const drawMark = (
    context: CanvasRenderingContext2D,
    { t, kind }: Mark,
    colors: Palette,
  ): void => {
    const x = Math.round(xOf(view, t, gutter.left, canvas.plotWidth)) + 0.5;
    if (x < gutter.left || x > gutter.left + canvas.plotWidth) return;
    const isBad = kind === 'fail' || kind === 'trouble' || kind === 'blocked';
    context.fillStyle = isBad ? colors.bad : colors.muted;
    diamond(context, x, marksTop + MARK_ROW / 2, 5);
  };

  listenToPointer(element, view, (x, y) => {
    const lines = x < gutter.left ? [] : textAt(x, y);
    if (lines.length === 0) hideTooltip();
    else showTooltip(element, x, y, lines);
  });

  const textAt = (x: number, y: number): string[] => {
    const t = timeAt(view, x, gutter.left, canvas.plotWidth);
    const nearMs = (6 / canvas.plotWidth) * (view.toMs - view.fromMs);
    if (y >= marksTop) {
      const marks = timeline.marks.filter((mark) => Math.abs(mark.t - t) <= nearMs).slice(0, 6);
      return marks.flatMap((mark) => [`${instant(mark.t)}: ${mark.text}`]);
    }
    if (y >= top.ready) {
      const ready = timeline.readiness.find(({ fromMs, toMs }) => t >= fromMs && t < toMs);
      return ready ? [ready.good ? 'ready' : 'not ready', ready.text] : [];
    }
    if (y >= top.faults) {
      const row = Math.floor((y - top.faults) / ROW);
      const fault = timeline.faults.find(
        (each) =>
          Math.min(names.indexOf(each.name), faultRows - 1) === row &&
          t >= each.injectedMs - nearMs &&
          t <= (each.healedMs ?? view.untilMs) + nearMs,
      );
      return fault ? faultLines(fault) : [];
    }
    const excluded = timeline.excluded.find(({ fromMs, toMs }) => t >= fromMs && t < toMs);
    return excluded ? [excludedText(excluded)] : [];
  };

  return { element, draw };
}

function faultText({ name, tookEffectMs }: FaultBand): string {
  return tookEffectMs === null ? `${name}: no effect seen` : name;
}

function faultLines({ name, injectedMs, healedMs, tookEffectMs, detail }: FaultBand): string[] {
  return [
    name,
    `injected at ${instant(injectedMs)}`,
    tookEffectMs === null ? 'no effect was seen' : `took effect by ${instant(tookEffectMs)}`,
    healedMs === null ? 'not healed before the run ended' : `healed at ${instant(healedMs)}`,
    ...(detail ? [detail] : []),
  ];
}

function excludedText({ weight, reason }: Timeline['excluded'][number]): string {
  if (reason === 'diagnosis') return 'the target was diagnosed: this time does not count';
  if (weight === 0) return 'the machine was too slow: this time does not count';
  return `the machine was busy: this time counts ${Math.round(weight * 100)} %`;
}

function summaryOf({ phases, faults, marks }: Timeline): string {
  const seconds = (ms: number): string => instant(ms, 100);
  return [
    'Time axis.',
    ...phases.map(
      ({ name, fromMs, toMs }) => `${name} from ${seconds(fromMs)} to ${seconds(toMs)}.`,
    ),
    ...faults.map((fault) => `Fault: ${faultLines(fault).join(', ')}.`),
    ...marks.map(({ t, text }) => `${seconds(t)}: ${text}.`),
  ]
    .slice(0, 40)
    .join(' ');
}

function triangle(context: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  context.beginPath();
  context.moveTo(x - size, y);
  context.lineTo(x + size, y);
  context.lineTo(x, y + size * 1.4);
  context.fill();
}

function diamond(context: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  context.beginPath();
  context.moveTo(x, y - size);
  context.lineTo(x + size, y);
  context.lineTo(x, y + size);
  context.lineTo(x - size, y);
  context.fill();
}
