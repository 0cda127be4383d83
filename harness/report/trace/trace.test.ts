/** The trace by the rules by which ui.perfetto.dev reads Chrome's JSON. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HistoryEvent } from '../../history/events.ts';
import { readEvents } from '../../history/history.ts';
import { madeRun, recordedRun, temporaryFolder } from '../made-run.test-helper.ts';
import type { TraceEvent } from './trace-event.ts';
import { openTrace } from './write-trace.ts';

const folders = [recordedRun(), madeRun({ requests: 300, durationMs: 20_000 })];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe.each([
  ['a recorded run', 0],
  ['a made run with every kind of event', 1],
])('of %s', (_name, index) => {
  const folder = folders[index] as string;
  let events: TraceEvent[] = [];
  const history: HistoryEvent[] = [];
  const of = (...phases: TraceEvent['ph'][]): TraceEvent[] =>
    events.filter(({ ph }) => phases.includes(ph));

  beforeAll(async () => {
    const file = join(folder, 'trace.json');
    await using trace = openTrace(file);
    for await (const event of readEvents(join(folder, 'history.ndjson'))) {
      history.push(event);
      await trace.write(event);
    }
    await trace.end({ progress: 12_000 });
    const { displayTimeUnit, traceEvents } = JSON.parse(readFileSync(file, 'utf8'));
    expect(displayTimeUnit).toBe('ms');
    events = traceEvents;
  });

  test('every event has a name, a process, and a finite time', () => {
    for (const { name, pid, ts, dur } of events) {
      expect(name).not.toBe('');
      expect(pid).toBeGreaterThan(0);
      expect(Number.isFinite(ts) && ts >= 0).toBe(true);
      if (dur !== undefined) expect(dur).toBeGreaterThanOrEqual(0);
    }
  });

  test('each process and thread that occurs has a name', () => {
    const named = (what: string): Set<string> =>
      new Set(
        of('M')
          .filter(({ name }) => name === what)
          .map(({ pid, tid }) => `${pid} ${what === 'thread_name' ? tid : ''}`),
      );
    for (const { pid } of events) expect(named('process_name')).toContain(`${pid} `);
    for (const { pid, tid } of of('X')) expect(named('thread_name')).toContain(`${pid} ${tid}`);
  });

  test('an asynchronous end has its begin: same process, category, id and name', () => {
    const open = new Map<string, number>();
    for (const { ph, pid, cat, id, name, ts } of of('b', 'n', 'e')) {
      const key = `${pid} ${cat} ${id} ${name}`;
      expect(id, 'without an id the event is dropped').toBeTruthy();
      if (ph === 'b') {
        expect(open.has(key)).toBe(false);
        open.set(key, ts);
      }
      if (ph === 'e') {
        expect(ts).toBeGreaterThanOrEqual(open.get(key) ?? Number.POSITIVE_INFINITY);
        open.delete(key);
      }
    }
    const ended = (kind: string): number => history.filter((event) => event.kind === kind).length;
    const begun = ended('request') + ended('model-start') + ended('work');
    // What is still open never ended in the history either, and is drawn to the end.
    expect(open.size).toBe(begun - ended('request-end') - ended('model-end') - ended('work-end'));
  });

  test('slices of one thread do not overlap', () => {
    const byThread = Map.groupBy(of('X'), ({ pid, tid }) => `${pid} ${tid}`);
    for (const slices of byThread.values()) {
      const sorted = slices.toSorted((a, b) => a.ts - b.ts);
      sorted.slice(1).forEach((slice, i) => {
        const before = sorted[i] as TraceEvent;
        expect(slice.ts).toBeGreaterThanOrEqual(before.ts + (before.dur ?? 0));
      });
    }
  });

  test('counters are numbers', () => {
    expect(of('C').length).toBeGreaterThan(20);
    for (const { args = {} } of of('C')) {
      for (const value of Object.values(args)) expect(typeof value).toBe('number');
    }
  });

  test('flows lead from a request to the calls that were made for it', () => {
    const out = new Map(events.filter((event) => event.flow_out).map((e) => [e.bind_id, e]));
    const into = events.filter((event) => event.flow_in);
    expect(into.length).toBeGreaterThan(2);
    const open = new Map(of('b').map((event) => [`${event.cat} ${event.id}`, event.ts]));
    const closed = new Map(of('e').map((event) => [`${event.cat} ${event.id}`, event.ts]));
    for (const end of into) {
      expect(out.get(end.bind_id)?.pid).toBe(1);
      // The instant lies in its call: else the arrow ends nowhere.
      const key = `${end.cat} ${end.id}`;
      expect(end.ts).toBeGreaterThanOrEqual(open.get(key) as number);
      expect(end.ts).toBeLessThanOrEqual(closed.get(key) ?? Number.POSITIVE_INFINITY);
    }
  });

  test('a failed check is an instant over everything', () => {
    expect(of('i')).toContainEqual(
      expect.objectContaining({ name: 'progress failed', s: 'g', ts: 12_000_000 }),
    );
  });
});

test('a trace that cannot be written says so', async () => {
  await using trace = openTrace('/proc/nowhere/trace.json');
  await trace.write({ t: 1, kind: 'note', text: 'x' });
  await expect(trace.end({})).rejects.toThrow(/ENOENT/);
});

test('a trace that is given up leaves nothing behind', async () => {
  const folder = temporaryFolder();
  folders.push(folder);
  {
    await using trace = openTrace(join(folder, 'trace.json'));
    await trace.write({ t: 1, kind: 'note', text: 'x' });
  }
  expect(readdirSync(folder)).toEqual([]);
});
