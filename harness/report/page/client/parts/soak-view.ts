/** A soak: which resource grew, by how much, what of it, and its value after each round. */

import { plural } from '../../../../platform/plural.ts';
import { formatMs } from '../../../../platform/words/format-ms.ts';
import type { SoakPage, SoakResource } from '../../result-data.ts';
import { foreign, h, sentence, table } from '../dom.ts';
import { count } from '../format.ts';
import { roundsPlot, roundsSpark } from './rounds-plot.ts';
import { section } from './section.ts';
import { verdictMark } from './verdict-mark.ts';

const HEADS: Record<string, string> = { flat: 'pass', leak: 'fail', failed: 'fail' };

export function soakView(page: SoakPage): HTMLElement {
  const { resources } = page;
  const flat = resources.filter(({ verdict }) => verdict === 'flat');
  const others = [
    ...resources.filter(({ verdict }) => verdict === 'leak'),
    ...resources.filter(({ verdict }) => verdict !== 'leak' && verdict !== 'flat'),
  ];
  return h(
    'article',
    {},
    head(page),
    others.length > 0 &&
      section(
        'grew',
        'What grew, or may have',
        h('p', { class: 'muted' }, LEGEND),
        h('div', { class: 'suite-list' }, ...others.map((each) => resourceView(each, page))),
      ),
    flat.length > 0 &&
      section(
        'flat',
        'What did not grow',
        table(
          'What did not grow',
          ['verdict', 'resource', 'what was found', 'after each round'],
          flat.map((each) => [
            verdictMark(each.verdict),
            h('strong', {}, foreign(each.name)),
            foreign(each.sentence),
            roundsSpark(each, page),
          ]),
        ),
      ),
  );
}

const LEGEND =
  'A dot for each round; hollow: warmup, or at rest, which do not count; larger: a round with twice the work.';

function head(page: SoakPage): HTMLElement {
  const { verdict, target, runtime, scenarios, failure, notes } = page;
  return h(
    'header',
    { class: `head head-${HEADS[verdict] ?? 'inconclusive'}` },
    h(
      'p',
      { class: 'subject' },
      verdictMark(verdict),
      h('strong', {}, 'hanglab soak'),
      target !== '' && h('span', { class: 'muted' }, ' of ', foreign(target)),
      runtime !== '' && h('span', { class: 'muted' }, ' · ', foreign(runtime)),
      scenarios.length > 0 && h('span', { class: 'muted' }, ' · ', foreign(scenarios.join(', '))),
    ),
    h('h1', {}, headlineOf(page)),
    failure !== null &&
      failure.cause !== null &&
      h('p', { class: 'headline' }, sentence(failure.cause)),
    h('p', { class: 'muted' }, workText(page)),
    notes.length > 0 && h('ul', {}, ...notes.map((note) => h('li', {}, foreign(note)))),
  );
}

/** What ended it, and what grows: whichever there is. */
function headlineOf({ resources, failure }: SoakPage): HTMLElement {
  const leaks = resources.filter(({ verdict }) => verdict === 'leak');
  const undecided = resources.filter(({ verdict }) => verdict === 'undecided');
  const [first] = leaks;
  const found = h('span', {});
  if (leaks.length === 1 && first) {
    found.append(foreign(first.name), ' leaks: ', foreign(first.sentence), '.');
  } else if (leaks.length > 1) {
    const names = leaks.map(({ name }) => name).join(', ');
    found.append(`${leaks.length} resources leak: `, foreign(names), '.');
  } else if (failure) return foreign(failure.message);
  else if (undecided.length > 0) {
    found.append(`${undecided.length} of ${plural(resources.length, 'resource')} undecided.`);
  } else found.append(`Nothing leaks: ${plural(resources.length, 'resource')} stayed flat.`);
  return failure ? h('span', {}, found, ' ', foreign(failure.message)) : found;
}

function workText({ rounds, operations, tookMs, failed }: SoakPage): string {
  const parts = [
    plural(rounds.length, 'round'),
    ...(operations > 0 ? [`${count(operations)} measured requests`] : []),
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
    ...(tookMs > 0 ? [formatMs(tookMs)] : []),
  ];
  return parts.join(' · ');
}

function resourceView(resource: SoakResource, page: SoakPage): HTMLElement {
  const { name, verdict, sentence: found, evidence } = resource;
  return h(
    'details',
    { class: 'suite-entry', open: true },
    h(
      'summary',
      {},
      verdictMark(verdict),
      h('strong', {}, foreign(name)),
      h('span', { class: 'muted' }, ' ', foreign(found)),
    ),
    roundsPlot(resource, page),
    evidence.length > 0 && h('h3', {}, 'What of it grew'),
    evidence.length > 0 &&
      h('ul', {}, ...evidence.map((line) => h('li', {}, h('code', {}, foreign(line))))),
  );
}
