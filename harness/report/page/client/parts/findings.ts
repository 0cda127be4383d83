/** The checks: what each found, what it measured against which limit, and where to see it in the picture. */
import type { PageFinding } from '../../page-data.ts';
import { foreign, h, table } from '../dom.ts';
import { section } from './section.ts';
import { verdictMark } from './verdict-mark.ts';

const ORDER = ['fail', 'inconclusive', 'pass', 'not-reached'];

/** @param show null: there is no picture to show it in. */
export function findingsSection(
  findings: readonly PageFinding[],
  show: ((fromMs: number, toMs: number) => void) | null,
): HTMLElement {
  return section('checks', 'Checks', findingsTable(findings, show));
}

export function findingsTable(
  findings: readonly PageFinding[],
  show: ((fromMs: number, toMs: number) => void) | null,
): HTMLElement {
  const rank = ({ verdict, known }: PageFinding): number =>
    ORDER.indexOf(verdict) + (known === null ? 0 : 0.5);
  const view = table(
    'Checks',
    ['verdict', 'check', 'what was found', 'measured', 'limit', 'of the limit'],
    findings
      .toSorted((a, b) => rank(a) - rank(b))
      .map((finding) => [
        verdictMark(finding.verdict),
        nameOf(finding, show),
        messageOf(finding),
        finding.measured,
        finding.limit,
        ratioView(finding),
      ]),
  );
  view.classList.add('checks');
  return view;
}

function nameOf(
  { check, fromMs, toMs, phase }: PageFinding,
  show: ((fromMs: number, toMs: number) => void) | null,
): HTMLElement {
  const name = h('code', {}, check);
  if (!show || fromMs === null || toMs === null) return name;
  const label = `${check}: show it in the picture`;
  const button = h('button', { type: 'button', class: 'link', title: label }, name);
  button.addEventListener('click', () => show(fromMs, toMs));
  return h('span', {}, button, phase && h('small', { class: 'muted' }, ` ${phase}`));
}

function messageOf({ message, known, limitFrom, helps, verdict }: PageFinding): HTMLElement {
  return h(
    'div',
    {},
    foreign(message),
    known !== null && h('p', { class: 'muted' }, 'Known failure: ', foreign(known)),
    verdict === 'fail' &&
      h(
        'p',
        { class: 'muted' },
        limitFrom ? `The limit is ${limitFrom}. ` : '',
        helps === '' ? '' : `What usually helps: ${helps}.`,
      ),
  );
}

/** A bar up to the limit, and beyond it in red; the figure stands beside it. */
function ratioView({ ratio, verdict }: PageFinding): HTMLElement | string {
  if (ratio === null || verdict === 'not-reached') return '';
  const text = ratio >= 10 ? `${Math.round(ratio)}×` : `${Math.round(ratio * 100)} %`;
  const bar = h('span', { class: ratio > 1 ? 'ratio over' : 'ratio', 'aria-hidden': 'true' });
  const fill = h('i', {});
  fill.style.width = `${Math.min(100, ratio > 1 ? 100 / ratio : ratio * 100)}%`;
  bar.append(fill);
  return h('span', { class: 'ratio-cell' }, bar, text);
}
