/** Draws the page from its data. */
import type { PageData, RunPage, SuitePage } from '../page-data.ts';
import { foreign, h } from './dom.ts';
import { embeddedData, followLive } from './page-source.ts';
import { compareView } from './parts/compare-view.ts';
import { matrixView } from './parts/matrix-view.ts';
import { type RunView, runView } from './parts/run-view.ts';
import { soakView } from './parts/soak-view.ts';
import { suiteView } from './parts/suite-view.ts';
import { forgetPalette } from './picture/palette.ts';
import { themeButton } from './theme.ts';

const place = document.getElementById('page') as HTMLElement;
/** The run that is shown: the page itself, or one of a suite. */
let shown: RunView | null = null;

function show(data: PageData): void {
  shown?.picture.destroy();
  shown = null;
  const element = viewOf(data);
  place.replaceChildren(topBar(data, element), element, foot(data));
}

function viewOf(data: PageData): HTMLElement {
  switch (data.kind) {
    case 'run':
      return showRun(data);
    case 'suite': {
      const run = chosenRun(data);
      return run ? showRun(run) : suiteView(data);
    }
    case 'matrix':
      return matrixView(data);
    case 'compare':
      return compareView(data);
    case 'soak':
      return soakView(data);
  }
}

function showRun(page: RunPage): HTMLElement {
  shown = runView(page);
  return shown.element;
}

function chosenRun({ runs }: SuitePage): RunPage | null {
  const [, number = ''] = /^#run-(\d+)$/.exec(location.hash) ?? [];
  return runs[Number(number) - 1]?.page ?? null;
}

function topBar(data: PageData, article: HTMLElement): HTMLElement {
  const isInSuite = data.kind === 'suite' && chosenRun(data) !== null;
  return h(
    'nav',
    { class: 'top', 'aria-label': 'Page' },
    h('span', { class: 'brand' }, 'hanglab'),
    isInSuite && h('a', { href: '#' }, '← All runs'),
    data.kind === 'run' || isInSuite ? sectionLinks(article) : null,
    h('span', { class: 'grow' }),
    h(
      'span',
      { class: 'live', role: 'status' },
      document.body.hasAttribute('data-live') ? 'live' : '',
    ),
    themeButton(() => {
      forgetPalette();
      shown?.picture.recolor();
    }),
  );
}

/** In a suite the address says which run is shown, so sections are scrolled to without it. */
function sectionLinks(article: HTMLElement): HTMLElement {
  const ids = ['picture', 'why', 'checks', 'changes', 'machine', 'log', 'files'];
  const names = ['What happened', 'Why', 'Checks', 'Before and after', 'Machine', 'Log', 'Files'];
  return h(
    'span',
    { class: 'links' },
    ...ids.flatMap((id, i) => {
      if (!article.querySelector(`#${id}`)) return [];
      const button = h('button', { type: 'button', class: 'link' }, names[i] as string);
      button.addEventListener('click', () => document.getElementById(id)?.scrollIntoView());
      return [button];
    }),
  );
}

function foot({ hanglab, writtenAt, title }: PageData): HTMLElement {
  return h('footer', { class: 'muted' }, foreign(title), ` · hanglab ${hanglab}, ${writtenAt}`);
}

/** A new state of a run in progress; what the reader has zoomed and scrolled to stays. */
function refresh(data: PageData): void {
  const before = shown?.picture.shown;
  const scroll = window.scrollY;
  show(data);
  if (before && !before.isWhole) shown?.picture.show(before.fromMs, before.toMs);
  window.scrollTo({ top: scroll, behavior: 'instant' });
}

async function main(): Promise<void> {
  const data = await embeddedData();
  show(data);
  window.addEventListener('hashchange', () => {
    show(data);
    window.scrollTo(0, 0);
  });
  if (!document.body.hasAttribute('data-live')) return;
  followLive(refresh, () => {
    const live = document.querySelector('.live');
    if (live) live.textContent = 'ended';
  });
}

main().catch((error: unknown) => {
  place.replaceChildren(h('p', { class: 'head head-fail' }, `This page cannot be drawn: ${error}`));
});
