/** `summary.md`: the verdict and every finding, for a person or a pull request. */
import type { Finding } from '../checks/check.ts';
import { guidanceFor } from '../checks/guidance.ts';
import { formatMs } from '../platform/duration.ts';
import type { RunResult } from '../run/run.ts';
import { diagnosisText } from './diagnosis-text.ts';
import { cell, fence } from './markdown.ts';
import { type RunSettings, reproCommand } from './repro.ts';

export function summaryMarkdown(result: RunResult, settings: RunSettings, why: string): string {
  const { name, defect, verdict, findings, limits } = result;
  const phases = Object.entries(result.phases).map(
    ([phase, { fromMs, toMs }]) => `${phase} ${formatMs(toMs - fromMs)}`,
  );
  const declared = Object.entries(limits).map(([key, value]) =>
    key.endsWith('Ms') ? `${key.slice(0, -2)} ${formatMs(value)}` : `${key} ${value}`,
  );
  return [
    `# ${cell(name)}${defect ? ` with defect ${cell(defect)}` : ''}: ${verdict}`,
    '',
    cell(why),
    '',
    '| check | verdict | phase | measured | limit | |',
    '|---|---|---|---|---|---|',
    ...findings.map(row),
    ...(settings.profiler ? ['', profiledNote(settings.profiler)] : []),
    ...(result.diagnosis ? ['', ...fence(diagnosisText(result.diagnosis))] : []),
    ...guidanceLines(result),
    '',
    `Phases: ${phases.join(' · ')}`,
    `Limits that the target declares: ${declared.join(' · ')}`,
    `Toxiproxy: ${result.toxiproxy.provider} ${result.toxiproxy.version} · seed ${result.seed}`,
    '',
    'Run it again:',
    '',
    ...fence(reproCommand(settings)),
    '',
    'Beside this file: `history.ndjson` (every event), `verdict.json`, `target.log`, `scenario.json`, `repro.sh`.',
    '',
  ].join('\n');
}

/** For whoever reads it without knowing the check. */
function guidanceLines({ findings, limits, diagnosis }: RunResult): string[] {
  const failed = findings.filter(({ verdict, known }) => verdict === 'fail' && known === undefined);
  return failed.flatMap(({ check, limit }, i) => {
    const { limitFrom, helps } = guidanceFor(check, limits, diagnosis?.code);
    const from = limitFrom && limit ? ` Its limit, ${quantity(limit)}, is ${limitFrom}.` : '';
    const help = i === 0 ? (diagnosis?.helps ?? helps) : helps;
    return ['', `**${check}**:${cell(from)} What usually helps: ${cell(help)}.`];
  });
}

function profiledNote(tool: string): string {
  return `The target ran under clinic ${tool}, which slows it; see [profile-${tool}.html](profile-${tool}.html).`;
}

function row({ check, verdict, phase, measured, limit, message, known }: Finding): string {
  const judged = known === undefined ? verdict : `${verdict} (known: ${known})`;
  const cells = [check, judged, phase ?? '', quantity(measured), quantity(limit), message];
  return `| ${cells.map(cell).join(' | ')} |`;
}

export function quantity(value: Finding['measured']): string {
  if (!value || !Number.isFinite(value.value)) return '';
  return value.unit === 'ms' ? formatMs(value.value) : `${value.value} ${value.unit}`;
}
