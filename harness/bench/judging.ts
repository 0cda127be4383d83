/** What a tick of live judging costs as a run grows: the checks of a real scenario over a made-up busy history. */
import { RunJudge } from '../checks/judging/judge.ts';
import type { HistoryEvent } from '../history/events.ts';
import { monotonicMs } from '../platform/clock.ts';
import { loadScenario } from '../scenario/catalogue.ts';
import { history } from '../testing/history.ts';
import type { Figure } from './figure.ts';

const TICK_MS = 125;
/** Ticks over which the cost is taken, at the end of each stretch: the median of them. */
const MEASURED_TICKS = 400;
const AFTER_MINUTES = [1, 10, 60];

export async function judgingFigures(): Promise<Figure[]> {
  const { scenario } = await loadScenario('upload-burst');
  // Code that has just been loaded is slow: an hour later it would look faster than after a minute.
  const warmup = new RunJudge(scenario);
  for (const event of busyHistory(30_000)) {
    warmup.push(event);
    warmup.live(event.t);
  }
  const judge = new RunJudge(scenario);
  const costs: number[] = [];
  const figures: { minutes: number; ms: number }[] = [];
  let nextTickMs = TICK_MS;
  for (const event of busyHistory(Math.max(...AFTER_MINUTES) * 60_000)) {
    judge.push(event);
    if (event.t < nextTickMs) continue;
    nextTickMs += TICK_MS;
    const startMs = monotonicMs();
    judge.live(event.t);
    costs.push(monotonicMs() - startMs);
    const minutes = AFTER_MINUTES.find(
      (each) => Math.abs(each * 60_000 - nextTickMs) < TICK_MS / 2,
    );
    if (minutes === undefined) continue;
    const last = costs.slice(-MEASURED_TICKS).toSorted((a, b) => a - b);
    figures.push({ minutes, ms: last[MEASURED_TICKS / 2] as number });
  }
  const [first, , longest] = figures.map(({ ms }) => ms) as [number, number, number];
  return [
    ...figures.map(({ minutes, ms }) => ({
      ...{ name: `a tick of judging after ${minutes} min`, value: ms, unit: 'ms', goal: 5 },
    })),
    {
      name: 'a tick after an hour, against one after a minute',
      value: longest / first,
      unit: 'times',
      goal: 1.5,
    },
  ];
}

/**
 * 20 probes, 10 requests with work behind them, 5 readings of progress and 2 samples a second, of a server
 * that is well. Built by the minute: an hour of it at once would measure the memory of the bench.
 */
function* busyHistory(untilMs: number): Generator<HistoryEvent> {
  let done = 0;
  for (let fromMs = 0; fromMs < untilMs; fromMs += 60_000) {
    const builder = history();
    if (fromMs === 0) builder.phase(1, 'baseline');
    builder.health(fromMs, fromMs + 60_000, 8);
    for (let t = fromMs + 10; t < fromMs + 60_000; t += 100) {
      builder
        .request(t, 90)
        .work(t, 95)
        .call(t + 20, 40);
    }
    for (let t = fromMs + 10; t < fromMs + 60_000; t += 200) builder.progress(t, 1, ++done);
    for (let t = fromMs + 10; t < fromMs + 60_000; t += 500) builder.process(t).resources(t);
    const { events } = builder.build(fromMs + 60_000);
    const offset = (fromMs / 60_000) * EVENTS_IDS;
    for (const event of events) {
      if (event.kind === 'run' && fromMs > 0) continue;
      yield 'id' in event && typeof event.id === 'number'
        ? ({ ...event, id: event.id + offset } as HistoryEvent)
        : event;
    }
  }
}

/** More than the numbers that the events of a minute take. */
const EVENTS_IDS = 10_000;
