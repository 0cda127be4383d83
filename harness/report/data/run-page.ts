/** The page of one run, from its folder alone: so an old run can be rendered again. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding, Quantity } from '../../checks/check.ts';
import { guidanceFor } from '../../checks/guidance.ts';
import { marginRatio } from '../../checks/judging/judge.ts';
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import type { HistoryEvent, Limits } from '../../history/events.ts';
import { readEvents } from '../../history/history.ts';
import { formatMs } from '../../platform/duration.ts';
import type { Fact, PageDiagnosis, PageFinding, RunPage } from '../page/page-data.ts';
import type { Timeline } from '../page/timeline-data.ts';
import { reproCommand } from '../repro.ts';
import { version } from '../version.ts';
import { excerptsOf } from './excerpt.ts';
import { headlineOf } from './headline.ts';
import {
  filesOf,
  findingsOf,
  type RunVerdict,
  readLog,
  readPlan,
  readVerdict,
} from './run-folder.ts';
import { TimelineFold } from './timeline.ts';
import { waitGraph } from './wait-graph.ts';

/**
 * The page of the run in `folder`.
 * @param onEvent also gets each event of the history, which is read once.
 * @throws HanglabError `no-such-run`; an Error when the history cannot be read.
 */
export async function runPage(
  folder: string,
  onEvent: (event: HistoryEvent) => void | Promise<void> = () => {},
): Promise<RunPage> {
  const fold = new TimelineFold();
  const history = join(folder, 'history.ndjson');
  if (existsSync(history)) {
    for await (const event of readEvents(history)) {
      fold.step(event);
      await onEvent(event);
    }
  }
  return pageOf(folder, fold);
}

/** The page of what has been folded so far; the rest is read from the folder. */
export function pageOf(folder: string, fold: TimelineFold): RunPage {
  const plan = readPlan(folder);
  const judged = readVerdict(folder);
  const findings = judged ? findingsOf(judged) : [];
  const { run } = fold;
  const limits = run?.limits ?? null;
  const timeline = fold.result(healthLimitMs(findings));
  const diagnosis = judged?.diagnosis ?? null;
  addMarks(timeline, findings, judged);
  const failed = findings.find(({ verdict, known }) => verdict === 'fail' && known === undefined);
  const guidance = failed && limits ? guidanceFor(failed.check, limits, diagnosis?.code) : null;
  const scenario = run?.scenario ?? judged?.name ?? plan.scenario;
  const name = plan.defect ? `${scenario} + ${plan.defect}` : scenario;
  return {
    ...{ schema: 'hanglab.page/1', kind: 'run', hanglab: version() },
    writtenAt: new Date().toISOString(),
    title: `${name}: ${verdictText(judged)}`,
    scenario,
    target: run?.target ?? '',
    variant: plan.defect,
    why: plan.why,
    verdict: judged === null ? 'running' : (judged.verdict ?? 'none'),
    ...(judged === null
      ? { headline: 'The run has no verdict yet.', details: [] }
      : headlineOf({
          ...{ verdict: judged.verdict, message: judged.message, findings, diagnosis },
        })),
    helps: failed ? (diagnosis?.helps ?? guidance?.helps ?? null) : null,
    repro: reproCommand(plan),
    startedAt: plan.startedAt ?? null,
    durationMs: judged?.durationMs ?? timeline.untilMs,
    limits: limits ? limitFacts(limits) : [],
    findings: findings.map((finding) => pageFinding(finding, limits, timeline, judged)),
    diagnosis: diagnosis ? pageDiagnosis(diagnosis, judged) : null,
    timeline,
    changes: fold.changes(),
    machine: machineFacts(fold, plan.seed, judged, plan.machine ?? []),
    log: readLog(folder, plan.startedAt ?? null),
    files: filesOf(folder),
  };
}

function verdictText(judged: RunVerdict | null): string {
  return judged === null ? 'running' : (judged.verdict ?? 'no verdict');
}

function healthLimitMs(findings: readonly Finding[]): number | null {
  const limit = findings.find(({ check }) => check === 'health')?.limit;
  return limit?.unit === 'ms' && Number.isFinite(limit.value) ? limit.value : null;
}

/** Where checks failed first, on the same time axis. */
function addMarks(
  timeline: Timeline,
  findings: readonly Finding[],
  judged: RunVerdict | null,
): void {
  for (const { check, verdict } of findings) {
    const t = judged?.failedAtMs?.[check];
    if (verdict !== 'fail' || t === undefined) continue;
    timeline.marks.push({ t: Math.round(t), kind: 'fail', text: `${check} failed` });
  }
  timeline.marks.sort((a, b) => a.t - b.t);
}

function pageFinding(
  finding: Finding,
  limits: Limits | null,
  timeline: Timeline,
  judged: RunVerdict | null,
): PageFinding {
  const { check, verdict, phase, message, measured, limit, known } = finding;
  const guidance = limits ? guidanceFor(check, limits) : null;
  const isComparable = measured !== null && limit !== null && Number.isFinite(limit.value);
  const ratio = isComparable ? marginRatio(finding) : null;
  return {
    ...{ check, verdict, phase, message, known: known ?? null },
    measured: quantityText(measured),
    limit: quantityText(limit),
    ratio: ratio !== null && Number.isFinite(ratio) ? Math.round(ratio * 100) / 100 : null,
    limitFrom: guidance?.limitFrom ?? null,
    helps: guidance?.helps ?? '',
    ...whereToLook(finding, timeline, judged?.failedAtMs?.[check]),
  };
}

/** From when it began to be wrong, as far as the measured age tells, else its phase. */
function whereToLook(
  { measured, phase }: Finding,
  { phases, untilMs }: Timeline,
  failedAtMs: number | undefined,
): { fromMs: number | null; toMs: number | null } {
  if (failedAtMs !== undefined) {
    const beganMs = measured?.unit === 'ms' ? measured.value : 1000;
    return { fromMs: Math.max(0, Math.round(failedAtMs - 1.2 * beganMs)), toMs: untilMs };
  }
  const own = phases.find(({ name }) => name === phase);
  return { fromMs: own ? Math.round(own.fromMs) : null, toMs: own ? Math.round(own.toMs) : null };
}

function pageDiagnosis(diagnosis: Diagnosis, judged: RunVerdict | null): PageDiagnosis {
  const { code, sentence, decided, pid, where, holder, evidence, ruledOut, costMs } = diagnosis;
  return {
    ...{ code, sentence, decided, pid, evidence, ruledOut },
    waits: where.map((wait) => ({
      ...{ function: wait.function, file: wait.file, line: wait.line, column: wait.column },
      ...{ count: wait.count, ageMs: wait.ageMs, waitsFor: wait.waitsFor },
      chain: wait.chain.map(({ function: name, file, line, column }) => ({
        ...{ function: name, file, line, column },
      })),
      locals: wait.locals.map(({ name, value }) => ({ name, value })),
    })),
    holder: holder?.sentence ?? null,
    graph: waitGraph(diagnosis),
    // As the source was when the run was judged, where it was kept.
    excerpts: judged?.excerpts ?? excerptsOf(diagnosis),
    frozenMs: costMs.frozen,
    totalMs: costMs.total,
  };
}

function limitFacts(limits: Limits): Fact[] {
  return Object.entries(limits).map(([key, value]) => ({
    name: key.endsWith('Ms') ? key.slice(0, -2) : key,
    value: key.endsWith('Ms') ? formatMs(value) : String(value),
  }));
}

function machineFacts(
  fold: TimelineFold,
  seed: number,
  judged: RunVerdict | null,
  machine: readonly Fact[],
): Fact[] {
  const { bands, worst } = fold;
  const percent = (share: number): string => `${Math.round(share)} %`;
  const toxiproxy = judged?.toxiproxy;
  return [
    { name: 'Seed', value: String(seed) },
    ...machine,
    ...(toxiproxy
      ? [{ name: 'Toxiproxy', value: `${toxiproxy.provider} ${toxiproxy.version}` }]
      : []),
    ...(fold.untilMs > 0
      ? [
          { name: 'Time that does not count', value: percent(100 * bands.excludedShare) },
          { name: 'Control server, at worst', value: `${formatMs(bands.worstControlMs)} late` },
          { name: 'Steal, at most', value: percent(worst.stealPercent) },
          { name: 'Cores used by other processes, at most', value: percent(worst.foreignPercent) },
        ]
      : []),
    ...(judged?.diagnosisMs ? [{ name: 'Diagnosis', value: formatMs(judged.diagnosisMs) }] : []),
    ...((judged?.attempts ?? 1) > 1 ? [{ name: 'Attempts', value: String(judged?.attempts) }] : []),
    ...(judged?.historyError
      ? [{ name: 'History is incomplete', value: judged.historyError }]
      : []),
  ];
}

function quantityText(quantity: Quantity | null): string {
  if (!quantity || !Number.isFinite(quantity.value)) return '';
  const { value, unit } = quantity;
  return unit === 'ms' ? formatMs(value) : `${value} ${unit}`;
}
