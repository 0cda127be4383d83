/** The whole run in one thin line, with the stretch that is shown; only there when not all is shown. */

import type { Timeline } from '../../timeline-data.ts';
import { h } from '../dom.ts';
import { currentPalette } from './palette.ts';
import { gutter, surface } from './surface.ts';
import type { TimeView } from './time-view.ts';

const HEIGHT = 16;

export function overview(
  timeline: Timeline,
  view: TimeView,
): { element: HTMLElement; draw(): void } {
  const canvas = surface('The whole run, and which part of it is shown');
  const element = h('div', { class: 'overview' }, canvas.element);
  const wholeMs = view.untilMs - view.beginMs;
  const xOf = (t: number): number =>
    gutter.left + ((t - view.beginMs) / wholeMs) * canvas.plotWidth;
  const draw = (): void => {
    const context = canvas.begin(HEIGHT);
    const colors = currentPalette();
    context.fillStyle = colors.phase;
    context.fillRect(gutter.left, 4, canvas.plotWidth, 8);
    context.fillStyle = colors.fault;
    for (const { injectedMs, healedMs } of timeline.faults) {
      const x = xOf(injectedMs);
      context.fillRect(x, 6, Math.max(1, xOf(healedMs ?? view.untilMs) - x), 4);
    }
    context.fillStyle = colors.bad;
    for (const { t, kind } of timeline.marks) {
      if (kind === 'fail' || kind === 'trouble') context.fillRect(xOf(t) - 1, 2, 2, 12);
    }
    context.strokeStyle = colors.text;
    context.lineWidth = 1.5;
    const left = xOf(view.fromMs);
    context.strokeRect(left, 1.5, Math.max(3, xOf(view.toMs) - left), 13);
    context.lineWidth = 1;
  };
  const moveTo = (event: PointerEvent): void => {
    const x = event.clientX - element.getBoundingClientRect().left;
    const middleMs = view.beginMs + ((x - gutter.left) / canvas.plotWidth) * wholeMs;
    const halfMs = (view.toMs - view.fromMs) / 2;
    view.show(middleMs - halfMs, middleMs + halfMs);
  };
  element.addEventListener('pointerdown', (event) => {
    element.setPointerCapture(event.pointerId);
    moveTo(event);
  });
  element.addEventListener('pointermove', (event) => {
    if (element.hasPointerCapture(event.pointerId)) moveTo(event);
  });
  return { element, draw };
}
