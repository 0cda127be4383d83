/** The page of several runs: a line for each, those that did not pass open. */

import { plural } from '../../../../platform/plural.ts';
import { formatMs } from '../../../../platform/words/format-ms.ts';
import type { SuiteEntry, SuitePage } from '../../page-data.ts';
import { foreign, h, sentence } from '../dom.ts';
import { findingsTable } from './findings.ts';
import { reproBox } from './run-view.ts';
import { verdictMark } from './verdict-mark.ts';

/** The address of a run inside the page of its suite. */
export const runAddress = (index: number): string => `#run-${index + 1}`;

export function suiteView(page: SuitePage): HTMLElement {
  return h(
    'article',
    { class: 'suite' },
    h(
      'header',
      { class: `head head-${page.verdict}` },
      h('p', { class: 'subject' }, verdictMark(page.verdict), h('strong', {}, 'hanglab suite')),
      h('h1', {}, countsText(page.runs)),
      page.notes.length > 0 && h('p', {}, h('strong', {}, 'Against the baseline')),
      page.notes.length > 0 && h('ul', {}, ...page.notes.map((note) => h('li', {}, foreign(note)))),
    ),
    filters(),
    h('div', { class: 'suite-list' }, ...page.runs.map(entryView)),
  );
}

function countsText(runs: readonly SuiteEntry[]): string {
  const count = (verdict: string): number => runs.filter((run) => run.verdict === verdict).length;
  const parts = ['fail', 'inconclusive', 'pass', 'skipped', 'none']
    .filter((verdict) => count(verdict) > 0)
    .map((verdict) => `${count(verdict)} ${WORDS[verdict]}`);
  return `${plural(runs.length, 'run')}: ${parts.join(', ')}.`;
}

const WORDS: Record<string, string> = {
  ...{ fail: 'failed', inconclusive: 'inconclusive', pass: 'passed', skipped: 'skipped' },
  none: 'without a verdict',
};

function filters(): HTMLElement {
  const all = h('button', { type: 'button' }, 'Open all');
  const none = h('button', { type: 'button' }, 'Close all');
  const set = (open: boolean) => (): void => {
    for (const details of document.querySelectorAll<HTMLDetailsElement>('.suite-entry')) {
      details.open = open;
    }
  };
  all.addEventListener('click', set(true));
  none.addEventListener('click', set(false));
  return h('div', { class: 'tools' }, all, none);
}

function entryView(entry: SuiteEntry, index: number): HTMLElement {
  const { name, variant, verdict, headline, durationMs, href, repro, findings, page } = entry;
  const isOpen = verdict === 'fail' || verdict === 'none';
  const passed = verdict === 'pass' || verdict === 'skipped';
  return h(
    'details',
    { class: 'suite-entry', open: isOpen },
    h(
      'summary',
      {},
      verdictMark(verdict),
      h('strong', {}, foreign(variant ? `${name} + ${variant}` : name)),
      h('span', { class: 'muted' }, durationMs > 0 ? ` ${formatMs(durationMs)} ` : ' '),
      passed && h('span', { class: 'muted' }, foreign(headline)),
    ),
    !passed && h('p', { class: 'headline' }, sentence(headline)),
    findings.length > 0 && findingsTable(findings, null),
    repro && reproBox(repro),
    h(
      'p',
      {},
      page && h('a', { href: runAddress(index), class: 'open-run' }, 'Show the whole run'),
      page && href && ' · ',
      href && h('a', { href: encodeURI(href) }, page ? 'as a page of its own' : 'Show the run'),
    ),
  );
}
