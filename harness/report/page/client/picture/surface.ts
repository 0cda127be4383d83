/** A canvas as wide as its place and as sharp as the screen, and how the pointer moves over it. */
import { h } from '../dom.ts';
import { type TimeView, timeAt } from './time-view.ts';

/** Room for names left of everything that has the time on its horizontal axis, and free room right of it. */
export const gutter = { left: 168, right: 14 };

/** Narrow windows have less room for names. */
export function fitGutter(): void {
  gutter.left = window.innerWidth < 760 ? 96 : 168;
}

export interface Surface {
  readonly element: HTMLCanvasElement;
  /** In CSS pixels; the plot lies between `x0` and `x0 + plotWidth`. */
  readonly width: number;
  readonly height: number;
  readonly plotWidth: number;
  /** Sets the size, and returns the context, cleared and scaled to CSS pixels. */
  begin(height: number): CanvasRenderingContext2D;
}

export function surface(label: string): Surface {
  const element = h('canvas', { role: 'img', 'aria-label': label });
  const context = element.getContext('2d') as CanvasRenderingContext2D;
  let width = 0;
  let height = 0;
  return {
    element,
    get width() {
      return width;
    },
    get height() {
      return height;
    },
    get plotWidth() {
      return Math.max(10, width - gutter.left - gutter.right);
    },
    begin(wanted) {
      const ratio = window.devicePixelRatio || 1;
      width = element.parentElement?.clientWidth || 800;
      height = wanted;
      const pixels = [Math.round(width * ratio), Math.round(height * ratio)] as const;
      if (element.width !== pixels[0] || element.height !== pixels[1]) {
        [element.width, element.height] = pixels;
        element.style.width = `${width}px`;
        element.style.height = `${height}px`;
      }
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, width, height);
      return context;
    },
  };
}

/**
 * Zoom and pan over an element that has the time on its horizontal axis: drag selects a stretch, Ctrl and the
 * wheel zoom, a sideways wheel pans, a double click shows everything.
 */
export function listenToPointer(
  element: HTMLElement,
  view: TimeView,
  onMove: (x: number, y: number) => void = () => {},
): void {
  const plot = (): number => Math.max(10, element.clientWidth - gutter.left - gutter.right);
  const timeOf = (event: MouseEvent): number => {
    const x = event.clientX - element.getBoundingClientRect().left;
    return Math.max(view.beginMs, Math.min(view.untilMs, timeAt(view, x, gutter.left, plot())));
  };
  const selection = h('div', { class: 'selection', hidden: true });
  element.append(selection);
  let fromMs: number | null = null;
  let fromX = 0;
  element.addEventListener('pointerdown', (event) => {
    const isInScrollbar = event.offsetX > element.clientWidth;
    if (event.button !== 0 || isInScrollbar || event.pointerType === 'touch') return;
    fromMs = timeOf(event);
    fromX = event.clientX;
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener('pointermove', (event) => {
    view.point(timeOf(event));
    const box = element.getBoundingClientRect();
    onMove(event.clientX - box.left, event.clientY - box.top);
    if (fromMs === null) return;
    const [left, right] = [Math.min(fromX, event.clientX), Math.max(fromX, event.clientX)];
    selection.hidden = right - left < 4;
    selection.style.left = `${left - box.left}px`;
    selection.style.width = `${right - left}px`;
  });
  element.addEventListener('pointerup', (event) => {
    const beganMs = fromMs;
    fromMs = null;
    selection.hidden = true;
    if (beganMs === null || Math.abs(event.clientX - fromX) < 4) return;
    const toMs = timeOf(event);
    view.show(Math.min(beganMs, toMs), Math.max(beganMs, toMs));
  });
  element.addEventListener('pointerleave', () => {
    view.point(null);
    onMove(-1, -1);
  });
  element.addEventListener('dblclick', () => view.reset());
  element.addEventListener(
    'wheel',
    (event) => {
      const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
      if (event.ctrlKey || event.metaKey) view.zoom(Math.exp(event.deltaY * 0.004), timeOf(event));
      else if (isSideways) view.pan(event.deltaX / plot());
      else return;
      event.preventDefault();
    },
    { passive: false },
  );
}
