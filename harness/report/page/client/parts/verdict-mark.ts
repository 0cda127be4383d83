/** A verdict as a word in its colour, with a sign for those who do not see colours. */
import { h } from '../dom.ts';
import { cut } from '../format.ts';

const SIGNS: Record<string, string> = {
  ...{ pass: '✔', fail: '✖', inconclusive: '?', 'not-reached': '·', skipped: '–', running: '…' },
  ...{ flat: '✔', leak: '✖', failed: '✖', undecided: '?' },
  ...{ caught: '✔', missed: '✖', 'false-alarm': '✖', same: '=', fixed: '✔', broken: '✖' },
  ...{ 'both fail': '✖', none: '?' },
};

const TONES: Record<string, string> = {
  ...{ caught: 'pass', missed: 'fail', 'false-alarm': 'fail', same: 'not-reached', fixed: 'pass' },
  ...{ flat: 'pass', leak: 'fail', failed: 'fail' },
  ...{
    broken: 'fail',
    'both fail': 'fail',
    undecided: 'inconclusive',
    none: 'inconclusive',
  },
};

export function verdictMark(verdict: string): HTMLElement {
  const tone = TONES[verdict] ?? verdict;
  const known = /^[a-z-]+$/.test(tone) ? tone : 'not-reached';
  const word = verdict === 'none' ? 'no verdict' : cut(verdict, 24);
  const sign = h('span', { 'aria-hidden': 'true' }, SIGNS[verdict] ?? '·');
  return h('span', { class: `verdict verdict-${known}` }, sign, ' ', word);
}
