/** The one picture of a run: everything on one time axis, with one zoom and one cursor. */
import { plural } from '../../../../platform/plural.ts';
import { OUTCOMES, type Timeline } from '../../timeline-data.ts';
import { h } from '../dom.ts';
import { instant } from '../format.ts';
import { hideTooltip } from './bar-tooltip.ts';
import { chart } from './charts.ts';
import { isStuck } from './lane-layout.ts';
import { overview } from './overview.ts';
import { forgetPalette } from './palette.ts';
import { barTable } from './picture-table.ts';
import { strip } from './strip.ts';
import { fitGutter } from './surface.ts';
import { swimlane } from './swimlane.ts';
import { timeView } from './time-view.ts';

export interface Picture {
  element: HTMLElement;
  /** Shows a stretch of time, and brings the picture into the window. */
  show(fromMs: number, toMs: number): void;
  /** Draws all again, in the colours of now. */
  recolor(): void;
  destroy(): void;
  readonly shown: { fromMs: number; toMs: number; isWhole: boolean };
}

export function picture(timeline: Timeline): Picture {
  fitGutter();
  const view = timeView(timeline.fromMs, timeline.untilMs);
  const head = strip(timeline, view);
  const small = overview(timeline, view);
  const lanes = timeline.bars.lanes.length > 0 ? swimlane(timeline, view) : null;
  let charts = timeline.charts.map((data) => chart(data, timeline, view));
  const chartsPlace = h('div', { class: 'charts' }, ...charts.map(({ element }) => element));
  const status = h('p', { class: 'unseen', 'aria-live': 'polite' });

  const bars = timeline.bars;
  const stuck = bars.fromMs.map((_, i) => i).filter((i) => isStuck(bars, i));
  let at = -1;
  const select = (index: number): void => {
    const fromMs = bars.fromMs[index] as number;
    const toMs = bars.toMs[index] as number;
    const roomMs = Math.max(200, (toMs - fromMs) * 0.4);
    view.show(fromMs - roomMs, toMs + roomMs);
    lanes?.select(index);
    const lane = bars.lanes[bars.lane[index] as number];
    const outcome = OUTCOMES[bars.outcome[index] as number];
    status.textContent = `${lane?.name} from ${instant(fromMs, 10)} to ${instant(toMs, 10)}: ${outcome}`;
  };
  const step = (by: number): void => {
    if (stuck.length === 0) return;
    at = (at + by + stuck.length) % stuck.length;
    select(stuck[at] as number);
  };

  const button = (text: string, label: string, act: () => void): HTMLElement =>
    h('button', { type: 'button', title: label, 'aria-label': label, click: act }, text);
  const range = h('output', { class: 'range' });
  const tools = h(
    'div',
    { class: 'tools' },
    button('−', 'Zoom out (minus)', () => view.zoom(1.6)),
    button('+', 'Zoom in (plus)', () => view.zoom(1 / 1.6)),
    button('All', 'Show the whole run (0)', () => view.reset()),
    stuck.length > 0 &&
      button(
        stuck.length === 1 ? 'The stuck request' : `Next of ${stuck.length} stuck`,
        'Show the next stuck request (n, back with p)',
        () => step(1),
      ),
    range,
    legend(timeline),
  );
  const element = h(
    'div',
    {
      class: 'picture',
      tabindex: 0,
      role: 'group',
      'aria-label':
        'The run over time. Arrow keys pan, plus and minus zoom, 0 shows everything, n and p step through stuck requests.',
    },
    tools,
    status,
    h('div', { class: 'picture-head' }, small.element, head.element),
    lanes?.element ?? null,
    chartsPlace,
    barTable(timeline, select),
  );
  element.addEventListener('keydown', (event) => {
    if (event.target instanceof HTMLButtonElement || event.ctrlKey || event.metaKey) return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act(view, step);
  });

  const draw = (): void => {
    small.element.hidden = view.isWhole;
    if (!view.isWhole) small.draw();
    head.draw();
    lanes?.draw();
    for (const each of charts) each.draw();
    const { fromMs, toMs } = view;
    range.textContent = `${instant(fromMs, 10)} – ${instant(toMs, 10)}`;
  };
  view.onChange(draw);
  const resized = new ResizeObserver(() => {
    fitGutter();
    draw();
  });
  resized.observe(element);

  return {
    element,
    show(fromMs, toMs) {
      view.show(fromMs, toMs);
      element.scrollIntoView({ block: 'start' });
    },
    recolor() {
      forgetPalette();
      for (const each of charts) each.destroy();
      charts = timeline.charts.map((data) => chart(data, timeline, view));
      chartsPlace.replaceChildren(...charts.map((each) => each.element));
      draw();
    },
    destroy() {
      resized.disconnect();
      hideTooltip();
      for (const each of charts) each.destroy();
    },
    get shown() {
      return { fromMs: view.fromMs, toMs: view.toMs, isWhole: view.isWhole };
    },
  };
}

type View = ReturnType<typeof timeView>;

const KEYS: Record<string, ((view: View, step: (by: number) => void) => void) | undefined> = {
  ArrowLeft: (view) => view.pan(-0.15),
  ArrowRight: (view) => view.pan(0.15),
  '+': (view) => view.zoom(1 / 1.6),
  '=': (view) => view.zoom(1 / 1.6),
  '-': (view) => view.zoom(1.6),
  '0': (view) => view.reset(),
  n: (_view, step) => step(1),
  p: (_view, step) => step(-1),
};

/** What the colours and patterns mean, as far as they occur. */
function legend({ bars, faults, excluded }: Timeline): HTMLElement {
  const has = (outcome: (typeof OUTCOMES)[number]): boolean =>
    bars.outcome.includes(OUTCOMES.indexOf(outcome));
  const entries: [boolean, string, string][] = [
    [has('ok'), 'ok', 'ended well'],
    [bars.slow.includes(1), 'slow', 'beyond the request limit'],
    [has('failed'), 'failed', 'failed'],
    [has('open') || has('unknown'), 'stuck', 'not ended'],
    [has('left'), 'left', 'the client left'],
    [faults.length > 0, 'fault', `fault (${plural(faults.length, 'time')})`],
    [excluded.some(({ reason }) => reason === 'machine'), 'excluded', 'time that does not count'],
    [excluded.some(({ reason }) => reason === 'diagnosis'), 'diagnosis', 'diagnosis'],
  ];
  return h(
    'div',
    { class: 'legend' },
    ...entries
      .filter(([isThere]) => isThere)
      .map(([, name, text]) => h('span', {}, h('i', { class: `key key-${name}` }), text)),
  );
}
