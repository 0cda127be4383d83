/** What a person sees while scenarios run: one live block on a terminal, plain lines elsewhere. */
import { createLogUpdate } from 'log-update';
import type { Finding } from '../../checks/check.ts';
import type { Phase } from '../../history/events.ts';
import { monotonicMs } from '../../platform/clock.ts';
import { formatMs } from '../../platform/duration.ts';
import { isSkipped, type RunEntry } from '../../report/run-json.ts';
import { quantity } from '../../report/summary.ts';
import type { Output } from '../shared/output.ts';
import { NAME_WIDTH, resultText } from './result-text.ts';

export interface RunView extends Disposable {
  phase(label: string, phase: Phase, durationMs: number | null): void;
  findings(
    label: string,
    findings: readonly Finding[],
    requests: { sent: number; open: number },
  ): void;
  done(label: string, entry: RunEntry): void;
  note(text: string): void;
  /** What goes on beside the runs, until it is disposed of. */
  activity(text: string): Disposable;
}

interface Running {
  startedMs: number;
  phase: Phase | 'starting';
  phaseStartedMs: number;
  phaseMs: number | null;
  requests: number;
  open: number;
  trouble: Finding | null;
}

const REFRESH_MS = 200;

export function runView(out: Output): RunView {
  const live = Boolean(out.stream.isTTY);
  const block = createLogUpdate(out.stream);
  const running = new Map<string, Running>();
  const of = (label: string): Running => {
    const now = monotonicMs();
    const state = running.get(label) ?? {
      startedMs: now,
      phase: 'starting' as const,
      phaseStartedMs: now,
      phaseMs: null,
      requests: 0,
      open: 0,
      trouble: null,
    };
    running.set(label, state);
    return state;
  };
  const activities = new Map<symbol, { text: string; startedMs: number }>();
  const draw = (): void => {
    const lines = [
      ...[...running].map(([label, state]) => runningLine(label, state, out)),
      ...[...activities.values()].map(
        ({ text, startedMs }) => `  ${text}: ${formatMs(monotonicMs() - startedMs)}`,
      ),
    ];
    block(lines.join('\n'));
  };
  const print = (text: string): void => {
    if (live) block.clear();
    out.line(text);
  };
  const timer = live ? setInterval(draw, REFRESH_MS) : null;
  return {
    phase(label, phase, durationMs) {
      Object.assign(of(label), { phase, phaseStartedMs: monotonicMs(), phaseMs: durationMs });
      if (!live)
        out.line(`${label}: ${phase}${durationMs ? ` (at most ${formatMs(durationMs)})` : ''}`);
    },
    findings(label, findings, { sent, open }) {
      const state = of(label);
      Object.assign(state, { requests: sent, open });
      state.trouble =
        findings.find(({ verdict }) => verdict === 'fail') ??
        findings.find(({ mayStillFail }) => mayStillFail) ??
        null;
    },
    done(label, entry) {
      running.delete(label);
      // What was skipped is shown at the end, by its reasons.
      if (!isSkipped(entry)) print(resultText(label, entry, out));
    },
    note: print,
    activity(text) {
      const key = Symbol(text);
      activities.set(key, { text, startedMs: monotonicMs() });
      if (!live) out.line(text);
      return { [Symbol.dispose]: () => void activities.delete(key) };
    },
    [Symbol.dispose]() {
      if (timer) clearInterval(timer);
      if (live) block.clear();
    },
  };
}

function runningLine(label: string, state: Running, out: Output): string {
  const now = monotonicMs();
  const phase = state.phaseMs
    ? `${state.phase} ${formatMs(now - state.phaseStartedMs)} of ${formatMs(state.phaseMs)}`
    : state.phase;
  const requests = `${state.requests} requests, ${state.open} open`;
  const trouble = state.trouble
    ? out.paint(
        state.trouble.verdict === 'fail' ? 'red' : 'yellow',
        `  ${state.trouble.check} ${quantity(state.trouble.measured)}`,
      )
    : '';
  return `  ${label.padEnd(NAME_WIDTH)} ${out.paint('cyan', phase)}  ${requests}${trouble}`;
}
