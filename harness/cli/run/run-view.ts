/** What a person sees while scenarios run: one live block on a terminal, plain lines elsewhere. */
import { createLogUpdate } from 'log-update';
import type { Finding, Verdict } from '../../checks/check.ts';
import type { History, Phase } from '../../history/history.ts';
import { monotonicMs } from '../../platform/clock.ts';
import { displayPath } from '../../platform/display-path.ts';
import { formatMs } from '../../platform/duration.ts';
import { isSkipped, type RunEntry } from '../../report/run-json.ts';
import { quantity } from '../../report/summary.ts';
import { type Output, paintVerdict } from '../shared/output.ts';

export interface RunView extends Disposable {
  phase(label: string, phase: Phase, durationMs: number | null): void;
  findings(label: string, findings: readonly Finding[], history: History): void;
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
const NAME_WIDTH = 44;
const MARK = { pass: '✔', fail: '✖', inconclusive: '?', 'not-reached': '·' } as const;

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
    findings(label, findings, history) {
      const state = of(label);
      state.requests = history.of('request').length;
      state.open = state.requests - history.of('request-end').length;
      state.trouble =
        findings.find(({ verdict }) => verdict === 'fail') ??
        findings.find(({ suspect }) => suspect) ??
        null;
    },
    done(label, entry) {
      running.delete(label);
      print(
        isSkipped(entry) ? skippedLine(label, entry.skipped, out) : resultLines(label, entry, out),
      );
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

function resultLines(
  label: string,
  entry: Exclude<RunEntry, { skipped: string }>,
  out: Output,
): string {
  const { verdict, durationMs, findings, diagnosis } = entry;
  const head = `${paintVerdict(out, verdict, MARK[verdict])} ${label.padEnd(NAME_WIDTH)} ${paintVerdict(out, verdict, verdict)}  ${formatMs(durationMs)}`;
  const told = findings.filter(
    (finding) => finding.verdict === 'fail' || finding.verdict === 'inconclusive',
  );
  const lines = told.map((finding) => findingLines(finding, out));
  const sentence = (diagnosis as { code?: string; sentence?: string } | null)?.sentence;
  if (sentence) lines.push(`    ${out.paint('bold', 'diagnosis')}  ${sentence}`);
  if (verdict !== 'pass' && entry.reportFolder)
    lines.push(`    report     ${displayPath(entry.reportFolder)}`);
  return [head, ...lines].join('\n');
}

function findingLines(finding: Finding, out: Output): string {
  const { check, verdict, measured, limit, message, known } = finding;
  const numbers =
    measured && limit ? ` (${quantity(measured)}, limit ${quantity(limit) || 'none'})` : '';
  const name = paintVerdict(out, verdict, `${MARK[verdict]} ${check}`);
  const because = known === undefined ? '' : out.paint('gray', ` (known: ${known})`);
  return `    ${name}  ${message.replaceAll('\n', '\n      ')}${out.paint('gray', numbers)}${because}`;
}

function skippedLine(label: string, reason: string, out: Output): string {
  return `${paintVerdict(out, 'skipped', '-')} ${label.padEnd(NAME_WIDTH)} ${paintVerdict(out, 'skipped')}  ${reason}`;
}

export function totalLine(out: Output, verdict: Verdict, entries: readonly RunEntry[]): string {
  const count = (wanted: Verdict): number =>
    entries.filter((entry) => !isSkipped(entry) && entry.verdict === wanted).length;
  const parts = (['pass', 'fail', 'inconclusive'] as const)
    .filter((kind) => count(kind) > 0)
    .map((kind) => `${count(kind)} ${kind}`);
  const skipped = entries.filter(isSkipped).length;
  if (skipped > 0) parts.push(`${skipped} skipped`);
  const known = entries
    .flatMap((entry) => (isSkipped(entry) ? [] : entry.findings))
    .filter((finding) => finding.known !== undefined).length;
  if (known > 0) parts.push(`${known} known failure${known === 1 ? '' : 's'}`);
  return `${paintVerdict(out, verdict, verdict)}: ${parts.join(', ')}`;
}
