/** What a person sees of a watch: one line that is kept up to date on a terminal, and lines for what happens. */
import { createLogUpdate } from 'log-update';
import { formatMs } from '../../platform/duration.ts';
import { plural } from '../../platform/plural.ts';
import { withoutControls } from '../../platform/redact.ts';
import type { Connections, Sample } from '../../watch/samples/sample.ts';
import { SAMPLE_EVERY_MS } from '../../watch/watch.ts';

export interface StatusLine extends Disposable {
  show(text: string): void;
  /** Makes room for a line that stays. */
  clear(): void;
}

/** @param everyMs where there is no terminal, a line is written this often. */
export function statusLine(stream: NodeJS.WriteStream, everyMs: number): StatusLine {
  if (stream.isTTY) {
    const line = createLogUpdate(stream, { showCursor: true });
    return {
      show: (text) => line(text.slice(0, Math.max(20, (stream.columns || 80) - 1))),
      clear: () => line.clear(),
      [Symbol.dispose]: () => line.clear(),
    };
  }
  const isDue = everySamples(everyMs);
  return {
    show(text) {
      if (isDue()) stream.write(`${text}\n`);
    },
    clear() {},
    [Symbol.dispose]() {},
  };
}

/** Whether a line is due at this sample: at the second one, which is the first to say all, and then this often. */
export function everySamples(everyMs: number): () => boolean {
  const every = Math.max(1, Math.round(everyMs / SAMPLE_EVERY_MS));
  let count = 0;
  return () => count++ % every === 1 % every;
}

/** `process 123 · health 3 ms · fds 34 · threads 11 · 12 clients · 61 MB · CPU 3 %` */
export function statusText(
  pid: number,
  sample: Sample,
  cpuShare: number | null,
  connections: Connections | null,
): string {
  const { counts, health } = sample;
  const parts = [`process ${pid}`, ...(health === null ? [] : [healthText(health)])];
  parts.push(`fds ${counts.fds}`, `threads ${counts.threads}`);
  if (counts.children > 0) parts.push(plural(counts.children, 'child', 'children'));
  if (connections) {
    const { unanswered } = connections;
    const oldestMs = Math.max(0, ...unanswered.map(({ ageMs }) => ageMs));
    const waiting =
      unanswered.length === 0
        ? ''
        : ` (${unanswered.length} unanswered, the oldest for ${formatMs(oldestMs)})`;
    parts.push(`${plural(connections.clients, 'client')}${waiting}`);
  }
  parts.push(`${Math.round(counts.memoryBytes / 2 ** 20)} MB`);
  if (cpuShare !== null) parts.push(`CPU ${Math.round(cpuShare * 100)} %`);
  return withoutControls(parts.join(' · '));
}

/** Of one core, between two looks; null where there was none before. */
export function cpuShareOf(now: Sample, before: Sample | null): number | null {
  if (before === null || now.atMs <= before.atMs) return null;
  return Math.max(0, (now.counts.cpuMs - before.counts.cpuMs) / (now.atMs - before.atMs));
}

function healthText({ openMs, last }: NonNullable<Sample['health']>): string {
  if (openMs >= SAMPLE_EVERY_MS) return `health silent for ${formatMs(openMs)}`;
  if (last === null) return 'health asked';
  if (last.error !== null) return `health ${last.error}`;
  return `health ${last.status} in ${formatMs(last.latencyMs)}`;
}
