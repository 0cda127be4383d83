/** What a bar is, in a few lines, beside the pointer. */
import { formatMs } from '../../../../platform/words/format-ms.ts';
import { OUTCOMES, type Timeline } from '../../timeline-data.ts';
import { h } from '../dom.ts';
import { cut, instant } from '../format.ts';

let tooltip: HTMLElement | null = null;

export function showTooltip(parent: HTMLElement, x: number, y: number, lines: string[]): void {
  tooltip ??= h('div', { class: 'tooltip', role: 'status' });
  const [head = '', ...rest] = lines;
  tooltip.replaceChildren(h('strong', {}, head), ...rest.map((line) => h('div', {}, line)));
  if (!tooltip.isConnected) document.body.append(tooltip);
  const box = parent.getBoundingClientRect();
  const { offsetWidth, offsetHeight } = tooltip;
  const left = Math.min(box.left + x + 14, window.innerWidth - offsetWidth - 8);
  const below = box.top + y + 16;
  const top = below + offsetHeight > window.innerHeight ? below - offsetHeight - 30 : below;
  tooltip.style.left = `${Math.max(4, left)}px`;
  tooltip.style.top = `${Math.max(4, top)}px`;
}

export function hideTooltip(): void {
  tooltip?.remove();
}

const ENDED = {
  ok: 'ended well',
  failed: 'failed',
  unknown: 'given up without an answer',
  left: 'the client left',
  open: 'had not ended when the run did',
} as const;

export function barText({ bars }: Timeline, index: number): string[] {
  const lane = bars.lanes[bars.lane[index] as number];
  const text = (at: number): string => cut(bars.texts[at] ?? '', 160);
  const fromMs = bars.fromMs[index] as number;
  const durationMs = (bars.toMs[index] as number) - fromMs;
  const status = bars.status[index] as number;
  const firstByteMs = bars.firstByteMs[index] as number;
  const outcome = ENDED[OUTCOMES[bars.outcome[index] as number] ?? 'open'];
  const subject = text(bars.subject[index] as number);
  const detail = text(bars.detail[index] as number);
  return [
    `${lane?.name} ${subject}`.trim(),
    `${formatMs(durationMs)}, from ${instant(fromMs)}`,
    `${outcome}${status > 0 ? `, status ${status}` : ''}`,
    ...(firstByteMs >= 0 ? [`first byte after ${formatMs(firstByteMs)}`] : []),
    ...(detail === '' ? [] : [detail]),
  ];
}
