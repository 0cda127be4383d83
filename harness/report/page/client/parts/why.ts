/** Why it hangs: the graph of waits, the source of each place, what was measured, what was ruled out. */
import { formatMs } from '../../../../platform/words/format-ms.ts';
import type { Excerpt, PageDiagnosis, PageWait } from '../../page-data.ts';
import { foreign, h, table } from '../dom.ts';
import { graphView } from './graph-view.ts';
import { section } from './section.ts';

export function why(diagnosis: PageDiagnosis): HTMLElement {
  const { code, decided, pid, waits, excerpts, evidence, ruledOut, frozenMs, totalMs } = diagnosis;
  const cost = `Diagnosis took ${formatMs(totalMs)}; the process was paused for ${formatMs(frozenMs)} of it.`;
  return section(
    'why',
    'Why',
    h(
      'p',
      {},
      h('code', { class: 'code' }, code),
      decided ? ` in process ${pid}.` : ` in process ${pid}, as far as could be seen: not decided.`,
    ),
    graphView(diagnosis.graph),
    excerpts.length > 0 && h('h3', {}, 'In the source'),
    h('div', { class: 'excerpts' }, ...excerpts.map(excerptView)),
    waits.length > 0 && h('h3', {}, 'Where work stands still'),
    waits.length > 0 && waitTable(waits),
    evidence.length > 0 && h('h3', {}, 'Evidence'),
    h('ul', {}, ...evidence.map((line) => h('li', {}, foreign(line)))),
    ruledOut.length > 0 && h('h3', {}, 'Ruled out'),
    ruledOut.length > 0 &&
      table(
        'Ruled out',
        ['cause', 'because'],
        ruledOut.map(({ code: other, because }) => [h('code', {}, other), foreign(because)]),
      ),
    h('p', { class: 'muted' }, cost),
  );
}

function waitTable(waits: readonly PageWait[]): HTMLElement {
  const hasLocals = waits.some(({ locals }) => locals.length > 0);
  return table(
    'Places where work stands still',
    [
      ...['how many', 'where', 'waits for', 'oldest', 'called by'],
      ...(hasLocals ? ['variables'] : []),
    ],
    waits.map(({ count, file, line, ageMs, waitsFor, chain, locals, ...wait }) => [
      String(count),
      h('span', {}, foreign(wait.function), h('br'), h('code', {}, `${file}:${line}`)),
      foreign(waitsFor),
      ageMs === null ? '' : formatMs(ageMs),
      h(
        'ol',
        { class: 'chain' },
        ...chain
          .slice(0, -1)
          .map((frame) =>
            h('li', {}, foreign(frame.function), ' ', h('code', {}, `${frame.file}:${frame.line}`)),
          ),
      ),
      ...(hasLocals
        ? [foreign(locals.map(({ name, value }) => `${name} = ${value}`).join(', '))]
        : []),
    ]),
  );
}

export function excerptView({
  function: name,
  file,
  line,
  firstLine,
  lines,
}: Excerpt): HTMLElement {
  return h(
    'figure',
    { class: 'excerpt' },
    h('figcaption', {}, foreign(name), ' ', h('code', {}, `${file}:${line}`)),
    h(
      'pre',
      { tabindex: 0, 'aria-label': `Source of ${name}, line ${line} is marked` },
      h(
        'code',
        {},
        ...lines.map((text, i) => {
          const number = firstLine + i;
          const isMarked = number === line;
          return h(
            'span',
            { class: isMarked ? 'source marked' : 'source' },
            h('span', { class: 'number' }, `${isMarked ? '▸' : ' '}${String(number).padStart(5)} `),
            h('bdo', { dir: 'ltr' }, text),
            '\n',
          );
        }),
      ),
    ),
  );
}
