/** What the process held in baseline beside what it held at the end: descriptors, sockets, threads, memory. */
import type { EventOf, HistoryEvent } from '../../history/events.ts';
import type { Changes } from '../page/page-data.ts';

interface Sample {
  resources: EventOf<'resources'>;
  process: EventOf<'process'> | null;
  /** null: the target does not tell. */
  tasks: number | null;
}

type Row = Changes['rows'][number];

/** A leak of thousands of paths would bury the rest; the largest changes come first. */
const MAX_ROWS = 60;

export class ChangeFold {
  private phase: string | null = null;
  private process: EventOf<'process'> | null = null;
  private tasks: number | null = null;
  private before: Sample | null = null;
  private after: Sample | null = null;
  private phaseAfter: string | null = null;

  step(event: HistoryEvent): void {
    if (event.kind === 'phase') this.phase = event.phase;
    if (event.kind === 'process' && event.alive) {
      this.process = event;
      if (this.after) this.after.process = event;
    }
    if (event.kind === 'tasks' && event.count !== null) {
      this.tasks = event.count;
      if (this.after) this.after.tasks = event.count;
    }
    if (event.kind !== 'resources') return;
    const sample = { resources: event, process: this.process, tasks: this.tasks };
    if (this.before === null || this.phase === 'warmup' || this.phase === 'baseline') {
      this.before = sample;
    } else {
      this.after = sample;
      this.phaseAfter = this.phase;
    }
  }

  /** null when there are no two samples. */
  result(): Changes | null {
    const { before, after } = this;
    if (!before || !after) return null;
    const rows = rowsOf(before, after);
    const changed = rows
      .filter((row) => row.before !== row.after)
      .toSorted((a, b) => Number(isWeight(a)) - Number(isWeight(b)) || size(b) - size(a));
    return {
      beforeMs: before.resources.t,
      afterMs: after.resources.t,
      quiesced: this.phaseAfter === 'quiesce',
      rows: changed.slice(0, MAX_ROWS),
      unchanged: rows.length - changed.length,
    };
  }
}

const isWeight = ({ unit }: Row): boolean => unit === 'bytes';
const size = ({ before, after }: Row): number => Math.abs(after - before);

function rowsOf(before: Sample, after: Sample): Row[] {
  const [a, b] = [before.resources, after.resources];
  const one = (what: string, name: string, x: number, y: number, unit: Row['unit']): Row => ({
    ...{ what, name, before: x, after: y, unit },
  });
  const process =
    before.process && after.process
      ? [
          one('memory', 'resident', before.process.rssBytes, after.process.rssBytes, 'bytes'),
          one('processes', 'children', before.process.children, after.process.children, 'count'),
        ]
      : [];
  return [
    ...both('descriptor', a.fdsByKind, b.fdsByKind),
    ...both('file', a.fdsByPath, b.fdsByPath),
    ...both('socket', bySocket(a), bySocket(b)),
    ...both('thread', byThread(a), byThread(b)),
    ...process,
    ...(a.temporary && b.temporary
      ? [
          one('temporary', 'files', a.temporary.files, b.temporary.files, 'count'),
          one('temporary', 'bytes', a.temporary.bytes, b.temporary.bytes, 'bytes'),
        ]
      : []),
    ...(before.tasks !== null && after.tasks !== null
      ? [one('tasks', 'in the process', before.tasks, after.tasks, 'count')]
      : []),
  ];
}

function both(what: string, a: Record<string, number>, b: Record<string, number>): Row[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  const of = (counts: Record<string, number>, name: string): number =>
    Object.hasOwn(counts, name) ? (counts[name] as number) : 0;
  return [...names].map((name) => ({
    ...{ what, name, before: of(a, name), after: of(b, name), unit: 'count' },
  }));
}

function bySocket({ sockets }: EventOf<'resources'>): Record<string, number> {
  return summed(sockets.map(({ peer, state, count }) => [`${peer} ${state}`, count]));
}

function byThread({ threads }: EventOf<'resources'>): Record<string, number> {
  return summed(threads.map(({ name, count }) => [name, count]));
}

function summed(counts: readonly (readonly [string, number])[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count);
  return Object.fromEntries(sums);
}
