/** Charts of what the process holds and uses: descriptors, sockets, threads, memory, CPU, and of the machine. */
import type { EventOf, HistoryEvent } from '../../history/events.ts';
import type { Chart, Series } from '../page/timeline-data.ts';
import { Downsampled } from './downsample.ts';

/** A chart with more lines cannot be read. */
const MAX_LINES = 6;

export class ResourceFold {
  private readonly lines = new Map<string, Map<string, Downsampled>>();
  private lastProcess: EventOf<'process'> | null = null;
  private readonly sentBytes = new Map<string, number>();

  step(event: HistoryEvent): void {
    if (event.kind === 'process' && event.alive) this.process(event);
    else if (event.kind === 'resources') this.resources(event);
    else if (event.kind === 'link') this.link(event);
    else if (event.kind === 'tasks' && event.count !== null) {
      this.push('tasks', 'tasks', event.t, event.count);
    }
  }

  charts(): Chart[] {
    return CHARTS.flatMap(({ id, title, unit }) => {
      const lines = [...(this.lines.get(id) ?? [])].filter(([, line]) => line.max > 0);
      const shown = lines.toSorted(([, a], [, b]) => interest(b) - interest(a)).slice(0, MAX_LINES);
      if (shown.length === 0) return [];
      const series = shown.map(([name, line]) => line.series(name, roleOf(name)));
      return [{ ...{ id, title, unit, series }, style: 'line', scale: 'linear', limits: [] }];
    });
  }

  private process(event: EventOf<'process'>): void {
    const { t, fds, threads, rssBytes, children, stealPercent, foreignPercent, waitPercent } =
      event;
    const last = this.lastProcess;
    this.push('descriptors', 'all', t, fds);
    this.push('threads', 'threads', t, threads);
    this.push('threads', 'child processes', t, children);
    this.push('memory', 'resident', t, rssBytes);
    this.push('machine', 'other processes', t, foreignPercent);
    this.push('machine', 'steal', t, stealPercent);
    this.push('machine', 'target waits for a core', t, waitPercent);
    const elapsedMs = last ? t - last.t : 0;
    // Another process has counters of its own: after a restart the first sample says nothing.
    // Of a moment nothing can be said: counters are exact to some milliseconds only.
    if (last && elapsedMs >= 100 && last.pids[0] === event.pids[0]) {
      const share = (cpuMs: number): number => Math.max(0, (100 * cpuMs) / elapsedMs);
      this.push('cpu', 'all threads', t, share(event.cpuMs - last.cpuMs));
      const mainMs = event.mainThreadCpuMs - last.mainThreadCpuMs;
      this.push('cpu', 'first thread', t, share(mainMs));
    }
    this.lastProcess = event;
  }

  private resources({ t, fdsByKind, sockets, temporary }: EventOf<'resources'>): void {
    for (const [kind, count] of Object.entries(fdsByKind)) this.push('descriptors', kind, t, count);
    const byState = new Map<string, number>();
    let unreadBytes = 0;
    let unsentBytes = 0;
    for (const socket of sockets) {
      if (socket.state !== 'LISTEN') {
        byState.set(socket.state, (byState.get(socket.state) ?? 0) + socket.count);
        unreadBytes += socket.receiveQueueBytes;
        unsentBytes += socket.sendQueueBytes;
      }
    }
    // A state that has no socket any more is 0, not unknown.
    const known = this.lines.get('sockets')?.keys() ?? [];
    for (const state of new Set([...known, ...byState.keys()])) {
      this.push('sockets', state, t, byState.get(state) ?? 0);
    }
    this.push('queues', 'not read by the target', t, unreadBytes);
    this.push('queues', 'not acknowledged by the peer', t, unsentBytes);
    if (temporary) this.push('temporary', 'temporary files', t, temporary.bytes);
  }

  /** A sample without traffic is not in the history: a sum stays right where a rate would not. */
  private link({ t, link, openConnections, bytes }: EventOf<'link'>): void {
    this.push('connections', link, t, openConnections);
    if (bytes === null) return;
    const before = this.sentBytes.get(link) ?? 0;
    this.push('traffic', link, t, before);
    this.push('traffic', link, t, before + bytes);
    this.sentBytes.set(link, before + bytes);
  }

  private push(chart: string, name: string, t: number, value: number): void {
    const lines = this.lines.get(chart) ?? new Map<string, Downsampled>();
    this.lines.set(chart, lines);
    const line = lines.get(name) ?? new Downsampled();
    lines.set(name, line);
    line.push(t, value);
  }
}

const CHARTS: readonly Pick<Chart, 'id' | 'title' | 'unit'>[] = [
  { id: 'descriptors', title: 'Open descriptors', unit: 'count' },
  { id: 'sockets', title: 'Sockets by state', unit: 'count' },
  { id: 'queues', title: 'Bytes in socket queues', unit: 'bytes' },
  { id: 'connections', title: 'Open connections by link', unit: 'count' },
  { id: 'traffic', title: 'Sent over each link so far', unit: 'bytes' },
  { id: 'threads', title: 'Threads and children', unit: 'count' },
  { id: 'tasks', title: 'Tasks in the process', unit: 'count' },
  { id: 'memory', title: 'Resident memory', unit: 'bytes' },
  { id: 'temporary', title: 'Temporary files', unit: 'bytes' },
  { id: 'cpu', title: 'CPU of the target, of one core', unit: 'percent' },
  { id: 'machine', title: 'The machine', unit: 'percent' },
];

/** Totals come first, then what changed, then what is large. */
function interest(line: Downsampled): number {
  return line.max + (line.isFlat ? 0 : 1e6);
}

function roleOf(name: string): Series['role'] {
  return name === 'CLOSE_WAIT' ? 'bad' : 'normal';
}
