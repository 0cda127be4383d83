/** What every check may ask about a run at an instant: its limits, phases, requests and upstream calls. */
import type { EventOf, HistoryEvent, Limits, Phase } from '../../history/events.ts';
import { copyOf } from './copy-state.ts';
import type { TrustedTime } from './trusted-time.ts';

export type OpenRequest = EventOf<'request'>;
export type UpstreamCall = EventOf<'model-start'>;

/** The run up to `nowMs`, as checks see it. */
export interface RunSoFar {
  readonly limits: Limits;
  /** Up to which instant it has been watched: ages of what has not ended are counted up to here. */
  readonly nowMs: number;
  /** It is over: what has not ended by now never will. */
  readonly complete: boolean;
  readonly trusted: TrustedTime;
  /** When each phase that was reached began, and ended: `nowMs` for the one that is still on. */
  readonly phases: Partial<Record<Phase, { fromMs: number; toMs: number }>>;
  phaseAt(t: number): Phase | null;
  /** What a load had open at `t`, the last one that said so; null when none did. */
  levelAt(t: number): EventOf<'level'> | null;
  /** Requests that have been sent and have not ended. */
  readonly openRequests: ReadonlyMap<number, OpenRequest>;
  /** The request of this id, while it is open and while the event of its end is being handled. */
  request(id: number): OpenRequest | undefined;
  readonly requestCount: number;
  /** Accepted work that is being followed and has not ended. */
  readonly openWork: ReadonlyMap<number, EventOf<'work'>>;
  work(id: number): EventOf<'work'> | undefined;
  /** Calls at scripted upstreams that have begun and not ended. */
  readonly upstreamCalls: ReadonlyMap<number, UpstreamCall>;
  /** The call of this id, while it is open and while the event of its end is being handled. */
  upstreamCall(id: number): UpstreamCall | undefined;
}

interface State {
  run: EventOf<'run'> | null;
  marks: { phase: Phase; fromMs: number }[];
  levels: EventOf<'level'>[];
  requests: Map<number, OpenRequest>;
  requestCount: number;
  work: Map<number, EventOf<'work'>>;
  calls: Map<number, UpstreamCall>;
  /** What the last event ended: taken away when the next one comes. */
  ended: EventOf<'request-end' | 'work-end' | 'model-end'> | null;
}

/** Folds the events of a run into what checks may ask. */
export class RunFacts {
  private readonly state: State;

  constructor(state?: State) {
    this.state = state ?? {
      run: null,
      marks: [],
      levels: [],
      requests: new Map(),
      requestCount: 0,
      work: new Map(),
      calls: new Map(),
      ended: null,
    };
  }

  get hasBegun(): boolean {
    return this.state.run !== null;
  }

  copy(): RunFacts {
    return new RunFacts(copyOf(this.state));
  }

  step(event: HistoryEvent): void {
    const { state } = this;
    this.forgetEnded();
    switch (event.kind) {
      case 'run':
        state.run = event;
        break;
      case 'phase':
        state.marks.push({ phase: event.phase, fromMs: event.t });
        break;
      case 'level':
        state.levels.push(event);
        break;
      case 'request':
        state.requests.set(event.id, event);
        state.requestCount++;
        break;
      case 'work':
        state.work.set(event.id, event);
        break;
      case 'model-start':
        state.calls.set(event.id, event);
        break;
      case 'request-end':
      case 'work-end':
      case 'model-end':
        state.ended = event;
        break;
    }
  }

  private forgetEnded(): void {
    const { state } = this;
    if (state.ended === null) return;
    const { kind, id } = state.ended;
    const open = {
      'request-end': state.requests,
      'work-end': state.work,
      'model-end': state.calls,
    };
    open[kind].delete(id);
    state.ended = null;
  }

  /** The run at `nowMs`. @throws when no `run` event has come: the environment never came up. */
  at(nowMs: number, complete: boolean, trusted: TrustedTime): RunSoFar {
    const { run, marks, levels, requests, requestCount, work, calls, ended } = this.state;
    if (!run) throw new Error('the history has no run event: the environment never came up');
    const isOpen = (kind: string, id: number): boolean => ended?.kind !== kind || ended.id !== id;
    const without = <T>(open: Map<number, T>, kind: string): ReadonlyMap<number, T> =>
      ended?.kind === kind ? new Map([...open].filter(([id]) => isOpen(kind, id))) : open;
    return {
      limits: run.limits,
      nowMs,
      complete,
      trusted,
      get phases() {
        const reached = marks.map(({ phase, fromMs }, i) => [
          phase,
          { fromMs, toMs: marks[i + 1]?.fromMs ?? nowMs },
        ]);
        return Object.fromEntries(reached);
      },
      phaseAt: (t) => marks.findLast(({ fromMs }) => fromMs <= t)?.phase ?? null,
      levelAt(t) {
        const last = levels.findLast((level) => level.t <= t);
        return last && last.count > 0 ? last : null;
      },
      get openRequests() {
        return without(requests, 'request-end');
      },
      request: (id) => requests.get(id),
      requestCount,
      get openWork() {
        return without(work, 'work-end');
      },
      work: (id) => work.get(id),
      get upstreamCalls() {
        return without(calls, 'model-end');
      },
      upstreamCall: (id) => calls.get(id),
    };
  }
}
