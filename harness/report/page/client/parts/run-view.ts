/** The page of one run, from the sentence down to the files. */
import { formatMs } from '../../../../platform/words/format-ms.ts';
import type { RunPage } from '../../page-data.ts';
import { copyButton, foreign, h, sentence } from '../dom.ts';
import { type Picture, picture } from '../picture/picture.ts';
import { changesSection, filesSection, logSection, machineSection } from './facts.ts';
import { findingsSection } from './findings.ts';
import { section } from './section.ts';
import { verdictMark } from './verdict-mark.ts';
import { why } from './why.ts';

export interface RunView {
  element: HTMLElement;
  picture: Picture;
}

export function runView(page: RunPage): RunView {
  const drawn = picture(page.timeline);
  const show = (fromMs: number, toMs: number): void => drawn.show(fromMs, toMs);
  const element = h(
    'article',
    { class: 'run' },
    head(page),
    section(
      'picture',
      'What happened',
      page.timeline.untilMs > 0
        ? drawn.element
        : h('p', { class: 'muted' }, 'The history of this run is missing, or no event is in it.'),
    ),
    page.diagnosis && why(page.diagnosis),
    page.findings.length > 0 && findingsSection(page.findings, show),
    page.changes && changesSection(page.changes),
    machineSection(page),
    page.log.length > 0 && logSection(page.log, (t) => show(t - 1000, t + 1000)),
    filesSection(page),
  );
  return { element, picture: drawn };
}

export function head(page: RunPage): HTMLElement {
  const { scenario, variant, target, verdict, headline, details, helps, repro, why: asks } = page;
  return h(
    'header',
    { class: `head head-${verdict}` },
    h(
      'p',
      { class: 'subject' },
      verdictMark(verdict),
      h('strong', {}, foreign(scenario)),
      variant && h('span', {}, ' with ', h('strong', {}, foreign(variant))),
      target !== '' && h('span', { class: 'muted' }, ' on ', foreign(target)),
      h('span', { class: 'muted' }, ` · ${formatMs(page.durationMs)}`),
      page.startedAt && h('span', { class: 'muted' }, ` · ${dateText(page.startedAt)}`),
    ),
    h('h1', {}, sentence(headline)),
    details.length > 0 &&
      h('ul', { class: 'details' }, ...details.map((text) => h('li', {}, foreign(text)))),
    helps && h('p', {}, h('strong', {}, 'What usually helps: '), foreign(helps), '.'),
    asks !== '' && h('p', { class: 'muted' }, 'The scenario asks: ', foreign(asks)),
    reproBox(repro),
  );
}

export function reproBox(command: string): HTMLElement {
  return h(
    'div',
    { class: 'repro' },
    h('span', { class: 'muted' }, 'Run it again'),
    h('code', {}, command),
    copyButton(command),
  );
}

function dateText(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().replace('T', ' ').slice(0, 19);
}
