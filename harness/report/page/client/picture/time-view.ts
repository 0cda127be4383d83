/** The stretch of time that the whole picture shows, and the cursor in it: what keeps all parts in step. */

export interface TimeView {
  readonly beginMs: number;
  readonly untilMs: number;
  fromMs: number;
  toMs: number;
  /** null: the pointer is elsewhere. */
  cursorMs: number | null;
  show(fromMs: number, toMs: number): void;
  /** @param factor below 1 zooms in. */
  zoom(factor: number, aroundMs?: number): void;
  /** @param share of the width that is shown. */
  pan(share: number): void;
  reset(): void;
  point(atMs: number | null): void;
  /** Calls `draw` once a frame after a change, until the page is replaced. */
  onChange(draw: () => void): void;
  readonly isWhole: boolean;
}

const SHORTEST_MS = 20;

export function timeView(beginMs: number, endMs: number): TimeView {
  const draws: (() => void)[] = [];
  let isScheduled = false;
  const changed = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    requestAnimationFrame(() => {
      isScheduled = false;
      for (const draw of draws) draw();
    });
  };
  const view: TimeView = {
    beginMs,
    untilMs: Math.max(beginMs + 1, endMs),
    fromMs: beginMs,
    toMs: Math.max(beginMs + 1, endMs),
    cursorMs: null,
    show(fromMs, toMs) {
      const wholeMs = view.untilMs - beginMs;
      const spanMs = Math.min(wholeMs, Math.max(SHORTEST_MS, toMs - fromMs));
      const middleMs = (fromMs + toMs) / 2;
      const leftMs = Math.max(beginMs, Math.min(view.untilMs - spanMs, middleMs - spanMs / 2));
      if (leftMs === view.fromMs && leftMs + spanMs === view.toMs) return;
      view.fromMs = leftMs;
      view.toMs = leftMs + spanMs;
      changed();
    },
    zoom(factor, aroundMs = view.cursorMs ?? (view.fromMs + view.toMs) / 2) {
      const left = aroundMs - view.fromMs;
      const right = view.toMs - aroundMs;
      view.show(aroundMs - left * factor, aroundMs + right * factor);
    },
    pan(share) {
      const byMs = (view.toMs - view.fromMs) * share;
      const allowedMs = Math.max(beginMs - view.fromMs, Math.min(view.untilMs - view.toMs, byMs));
      view.show(view.fromMs + allowedMs, view.toMs + allowedMs);
    },
    reset: () => view.show(beginMs, view.untilMs),
    point(atMs) {
      if (atMs === view.cursorMs) return;
      view.cursorMs = atMs;
      changed();
    },
    onChange: (draw) => void draws.push(draw),
    get isWhole() {
      return view.fromMs === beginMs && view.toMs === view.untilMs;
    },
  };
  return view;
}

/** Where an instant lies between the left edge `x0` and `x0 + width`. */
export function xOf(view: TimeView, t: number, x0: number, width: number): number {
  return x0 + ((t - view.fromMs) / (view.toMs - view.fromMs)) * width;
}

export function timeAt(view: TimeView, x: number, x0: number, width: number): number {
  return view.fromMs + ((x - x0) / width) * (view.toMs - view.fromMs);
}

/** Instants for an axis: round ones, about one in `everyPx` pixels. */
export function ticks(
  view: TimeView,
  width: number,
  everyPx = 110,
): { at: number[]; stepMs: number } {
  const leastMs = ((view.toMs - view.fromMs) * everyPx) / Math.max(1, width);
  const stepMs = STEPS_MS.find((step) => step >= leastMs) ?? (STEPS_MS.at(-1) as number);
  const at: number[] = [];
  for (let t = Math.ceil(view.fromMs / stepMs) * stepMs; t <= view.toMs; t += stepMs) at.push(t);
  return { at, stepMs };
}

const STEPS_MS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000],
  ...[120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 86_400_000],
];
