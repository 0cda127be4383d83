/** The lower sections of a run: what changed in the process, the machine, the log, the files. */
import type { Changes, Fact, LogLine, PageFile, RunPage } from '../../page-data.ts';
import { type Child, foreign, h, table } from '../dom.ts';
import { bytes, count, instant, signed } from '../format.ts';
import { section } from './section.ts';

export function changesSection(changes: Changes): HTMLElement {
  const { rows, unchanged, beforeMs, afterMs, quiesced } = changes;
  const when = quiesced
    ? 'after quiesce, when all work had ended'
    : 'at the end: the run did not reach quiesce, so this is no leak yet';
  const show = (value: number, unit: 'count' | 'bytes'): string =>
    unit === 'bytes' ? bytes(value) : count(value);
  return section(
    'changes',
    'Before and after',
    h(
      'p',
      { class: 'muted' },
      `In baseline (${instant(beforeMs, 100)}) and ${when} (${instant(afterMs, 100)}). `,
      `${unchanged} more did not change.`,
    ),
    rows.length > 0 &&
      table(
        'Before and after',
        ['what', 'name', 'before', 'after', 'change'],
        rows.map(({ what, name, before, after, unit }) => [
          what,
          foreign(name),
          show(before, unit),
          show(after, unit),
          h('b', { class: after > before ? 'grew' : 'shrank' }, signed(after - before, unit)),
        ]),
      ),
  );
}

export function machineSection({ machine, limits, target }: RunPage): HTMLElement {
  return section(
    'machine',
    'The machine',
    h('dl', {}, ...machine.flatMap(factPair)),
    limits.length > 0 && h('h3', {}, 'Limits that ', foreign(target), ' declares'),
    limits.length > 0 && h('dl', {}, ...limits.flatMap(factPair)),
  );
}

function factPair({ name, value }: Fact): Child[] {
  return [h('dt', {}, name), h('dd', {}, foreign(value))];
}

export function logSection(log: readonly LogLine[], show: (atMs: number) => void): HTMLElement {
  const lines = log.map(({ t, text }) => {
    const line = h('span', { class: 'log-line' }, h('bdo', { dir: 'ltr' }, text), '\n');
    if (t === null) return line;
    const jump = h('button', { type: 'button', class: 'link' }, instant(t, 10));
    jump.addEventListener('click', () => show(t));
    line.prepend(jump, ' ');
    return line;
  });
  return section(
    'log',
    'What the target printed last',
    h('pre', { class: 'log', tabindex: 0 }, ...lines),
  );
}

export function filesSection(page: RunPage): HTMLElement {
  const verdict = JSON.stringify({ ...page, timeline: undefined }, null, 2);
  const save = h('button', { type: 'button' }, 'Save what this page says as JSON');
  save.addEventListener('click', () => {
    const url = URL.createObjectURL(new Blob([verdict], { type: 'application/json' }));
    h('a', { href: url, download: `${page.scenario.replaceAll(/[^\w.-]/g, '_')}.json` }).click();
    URL.revokeObjectURL(url);
  });
  return section(
    'files',
    'Files',
    h('p', { class: 'muted' }, 'They lie beside this page, as long as it is in its folder.'),
    h('ul', { class: 'files' }, ...page.files.map(fileItem)),
    save,
  );
}

function fileItem({ name, about, bytes: size }: PageFile): HTMLElement {
  const link = h('a', { href: encodeURIComponent(name), download: name }, name);
  return h('li', {}, link, ` ${bytes(size)}, ${about}`);
}
