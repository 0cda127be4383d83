/** From the events of a history to a trace for ui.perfetto.dev, one event at a time. */
import { TrustedTimeline, WINDOW_MS } from '../../checks/judging/trusted-time.ts';
import type { EventOf, HistoryEvent } from '../../history/events.ts';
import { RequestTracks } from './request-tracks.ts';
import { metadata, microseconds, PID, type TraceEvent, threadName } from './trace-event.ts';

const PHASE_TID = 1;
const LOOK_TID = 1;
const EXCLUDED_TID = 1;
/** Health comes 20 times a second; a counter shows the slowest of each interval. */
const LATENCY_EVERY_MS = 250;

export class TraceFold {
  private readonly requests = new RequestTracks();
  private readonly trusted = new TrustedTimeline();
  private readonly faultTids = new Map<string, number>();
  private readonly openFaults = new Map<string, EventOf<'fault'>>();
  private phase: EventOf<'phase'> | null = null;
  private look: EventOf<'look'> | null = null;
  private process: EventOf<'process'> | null = null;
  private latency = { fromMs: 0, healthMs: -1, controlMs: -1 };
  private untilMs = 0;

  /** What comes before the first event. */
  begin(): TraceEvent[] {
    return [
      ...metadata(),
      threadName(PID.verdicts, PHASE_TID, 'phases'),
      threadName(PID.process, LOOK_TID, 'diagnosis: the target is paused now and then'),
      threadName(PID.machine, EXCLUDED_TID, 'time that does not count'),
    ];
  }

  step(event: HistoryEvent): TraceEvent[] {
    this.untilMs = Math.max(this.untilMs, event.t);
    this.trusted.step(event);
    switch (event.kind) {
      case 'phase': {
        const ended = this.phaseSlice(event.t);
        this.phase = event;
        return ended;
      }
      case 'fault':
        return this.fault(event);
      case 'look':
        return this.looked(event);
      case 'health':
        return this.latencyCounter(event.t, event.latencyMs, event.controlMs);
      case 'control':
        return this.latencyCounter(event.t, -1, event.controlMs);
      case 'process':
        return this.processCounters(event);
      case 'resources':
        return resourceCounters(event);
      case 'progress': {
        const { progress, t } = event;
        return progress ? [counter(PID.process, 'accepted work', t, { ...progress })] : [];
      }
      case 'link': {
        const { link, openConnections, t } = event;
        return [counter(PID.process, `link ${link}`, t, { connections: openConnections })];
      }
      case 'tasks':
        if (event.count === null) return [];
        return [counter(PID.process, 'tasks', event.t, { tasks: event.count })];
      case 'level':
        return [counter(PID.clients, `open: ${event.what}`, event.t, { count: event.count })];
      case 'target-start':
        return [instant(PID.process, 'process started', event.t, { pid: event.pid })];
      case 'target-exit': {
        const { code, signal, expected, t } = event;
        return [instant(PID.process, 'process ended', t, { code, signal, expected })];
      }
      case 'blocked-stack':
        return [instant(PID.process, 'event loop blocked', event.t, { frames: event.frames })];
      case 'harness-trouble':
        return [instant(PID.machine, `${event.part} failed`, event.t, { message: event.message })];
      default:
        return this.requests.step(event);
    }
  }

  /** @param failedAtMs when each check failed first. */
  end(failedAtMs: Readonly<Record<string, number>>): TraceEvent[] {
    const { untilMs } = this;
    return [
      ...this.phaseSlice(untilMs),
      ...[...this.openFaults.values()].map((fault) => this.faultSlice(fault, untilMs)),
      ...(this.look ? [lookSlice(this.look.t, untilMs)] : []),
      ...this.excluded(),
      ...Object.entries(failedAtMs).map(([check, t]): TraceEvent => {
        const name = `${check} failed`;
        return { name, cat: 'verdict', ph: 'i', s: 'g', ts: microseconds(t), pid: PID.verdicts };
      }),
    ];
  }

  private phaseSlice(untilMs: number): TraceEvent[] {
    if (!this.phase) return [];
    return [slice(PID.verdicts, PHASE_TID, this.phase.phase, this.phase.t, untilMs)];
  }

  private fault(event: EventOf<'fault'>): TraceEvent[] {
    const { fault, t, detail } = event;
    const known = this.faultTids.get(fault);
    const tid = known ?? this.faultTids.size + 1;
    this.faultTids.set(fault, tid);
    const named = known === undefined ? [threadName(PID.faults, tid, fault)] : [];
    if (event.event === 'injected') this.openFaults.set(fault, event);
    if (event.event === 'took-effect') {
      const args = { detail };
      const ts = microseconds(t);
      return [...named, { name: 'took effect', ph: 'i', s: 't', ts, pid: PID.faults, tid, args }];
    }
    const begun = this.openFaults.get(fault);
    if (event.event !== 'healed' || !begun) return named;
    this.openFaults.delete(fault);
    return [...named, this.faultSlice(begun, t)];
  }

  private faultSlice({ fault, t, detail }: EventOf<'fault'>, untilMs: number): TraceEvent {
    const tid = this.faultTids.get(fault) ?? 0;
    return { ...slice(PID.faults, tid, fault, t, untilMs), args: { detail } };
  }

  private looked(event: EventOf<'look'>): TraceEvent[] {
    const begun = this.look;
    this.look = event.event === 'begun' ? event : null;
    return event.event === 'ended' && begun ? [lookSlice(begun.t, event.t)] : [];
  }

  private latencyCounter(t: number, healthMs: number, controlMs: number): TraceEvent[] {
    const slowest = {
      healthMs: Math.max(this.latency.healthMs, healthMs),
      controlMs: Math.max(this.latency.controlMs, controlMs),
    };
    const isDue = t - this.latency.fromMs >= LATENCY_EVERY_MS;
    this.latency = isDue
      ? { fromMs: t, healthMs: -1, controlMs: -1 }
      : { fromMs: this.latency.fromMs, ...slowest };
    if (!isDue) return [];
    const health = counter(PID.process, 'health', t, { ms: slowest.healthMs });
    return [
      ...(slowest.healthMs < 0 ? [] : [health]),
      counter(PID.machine, 'control server', t, { ms: slowest.controlMs }),
    ];
  }

  private processCounters(event: EventOf<'process'>): TraceEvent[] {
    const { t, fds, threads, rssBytes, children, stealPercent, foreignPercent, cpuMs } = event;
    const last = this.process;
    this.process = event;
    const elapsedMs = last ? t - last.t : 0;
    const isSame = last !== null && elapsedMs > 0 && last.pids[0] === event.pids[0];
    const percent = isSame ? (100 * Math.max(0, cpuMs - last.cpuMs)) / elapsedMs : null;
    return [
      counter(PID.process, 'descriptors', t, { fds }),
      counter(PID.process, 'threads', t, { threads }),
      counter(PID.process, 'children', t, { children }),
      counter(PID.process, 'resident memory', t, { bytes: rssBytes }),
      ...(percent === null
        ? []
        : [counter(PID.process, 'cpu', t, { percent: Math.round(percent) })]),
      counter(PID.machine, 'cores taken', t, { steal: stealPercent, others: foreignPercent }),
    ];
  }

  private excluded(): TraceEvent[] {
    this.trusted.advanceTo(this.untilMs);
    const slices: TraceEvent[] = [];
    for (let fromMs = 0; fromMs < this.untilMs; fromMs += WINDOW_MS) {
      const weight = this.trusted.betweenMs(fromMs, fromMs + WINDOW_MS) / WINDOW_MS;
      if (weight > 0.99) continue;
      const name = weight < 0.01 ? 'does not count' : `counts ${Math.round(100 * weight)} %`;
      const last = slices.at(-1);
      const ts = microseconds(fromMs);
      if (last?.name === name && last.ts + (last.dur ?? 0) === ts)
        last.dur! += microseconds(WINDOW_MS);
      else slices.push(slice(PID.machine, EXCLUDED_TID, name, fromMs, fromMs + WINDOW_MS));
    }
    return slices;
  }
}

function resourceCounters({ t, sockets, temporary }: EventOf<'resources'>): TraceEvent[] {
  const states: Record<string, number> = { ESTABLISHED: 0, CLOSE_WAIT: 0 };
  let unread = 0;
  let unsent = 0;
  for (const { state, count, receiveQueueBytes, sendQueueBytes } of sockets) {
    if (state === 'LISTEN') continue;
    states[state] = (states[state] ?? 0) + count;
    unread += receiveQueueBytes;
    unsent += sendQueueBytes;
  }
  return [
    counter(PID.process, 'sockets', t, states),
    counter(PID.process, 'socket queues', t, { unread, unsent }),
    ...(temporary ? [counter(PID.process, 'temporary files', t, { bytes: temporary.bytes })] : []),
  ];
}

function lookSlice(fromMs: number, untilMs: number): TraceEvent {
  return slice(PID.process, LOOK_TID, 'diagnosis', fromMs, untilMs);
}

function slice(pid: number, tid: number, name: string, fromMs: number, toMs: number): TraceEvent {
  const dur = Math.max(0, microseconds(toMs) - microseconds(fromMs));
  return { name, ph: 'X', ts: microseconds(fromMs), dur, pid, tid };
}

function counter(pid: number, name: string, t: number, args: Record<string, number>): TraceEvent {
  return { name, ph: 'C', ts: microseconds(t), pid, args };
}

function instant(pid: number, name: string, t: number, args: Record<string, unknown>): TraceEvent {
  return { name, ph: 'i', s: 'p', ts: microseconds(t), pid, args };
}
