/**
 * `--known-failures FILE`: failures that are taken for granted for now. They are shown, and do not break
 * the build; one that passes again is reported, so that its line goes.
 */
import { readFileSync } from 'node:fs';
import { type Finding, worst } from '../../checks/check.ts';
import { CHECK_IDS } from '../../checks/check-ids.ts';
import { didYouMean, messageOf } from '../../platform/errors.ts';

export interface KnownFailure {
  scenario: string;
  defect: string | null;
  check: string;
  reason: string;
  /** Where it stands, for a person: `FILE:LINE`. */
  at: string;
}

/** The names that a line may use. */
export interface KnownNames {
  scenarios: readonly string[];
  defects: readonly string[];
}

const LINE = /^(?<scenario>[^\s+#]+)(?:\s*\+\s*(?<defect>[^\s#]+))?\s+(?<check>[^\s#]+)$/;
const SYNTAX = 'expected `scenario check  # reason` or `scenario + defect check  # reason`';

/** The lines of `file`; every problem with it goes to `report`. */
export function readKnownFailures(
  file: string,
  names: KnownNames,
  report: (problem: string) => void,
): KnownFailure[] {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    report(`--known-failures ${file}: ${messageOf(error)}`);
  }
  const known: KnownFailure[] = [];
  text.split(/\r?\n/).forEach((line, i) => {
    const at = `${file}:${i + 1}`;
    const entry = parseLine(line, at, names, (problem) => report(`${at}: ${problem}`));
    if (!entry) return;
    const twin = known.find((other) => keyOf(other) === keyOf(entry));
    if (twin) report(`${at}: the same failure stands at ${twin.at}`);
    known.push(entry);
  });
  return known;
}

/** null for an empty line, a comment, and what is not a line of ours: that is reported. */
function parseLine(
  line: string,
  at: string,
  names: KnownNames,
  report: (problem: string) => void,
): KnownFailure | null {
  const comment = line.indexOf('#');
  const said = (comment < 0 ? line : line.slice(0, comment)).trim();
  if (said === '') return null;
  const { scenario, defect = null, check } = LINE.exec(said)?.groups ?? {};
  if (scenario === undefined || check === undefined) {
    report(SYNTAX);
    return null;
  }
  const reason = comment < 0 ? '' : line.slice(comment + 1).trim();
  if (reason === '') report('a known failure needs its reason, after a #');
  const oneOf = (kind: string, name: string, known: readonly string[]): void => {
    if (!known.includes(name)) report(`there is no ${kind} "${name}".${didYouMean(name, known)}`);
  };
  oneOf('scenario', scenario, names.scenarios);
  if (defect !== null) oneOf('defect', defect, names.defects);
  oneOf('check', check, CHECK_IDS);
  return { scenario, defect, check, reason, at };
}

function keyOf({ scenario, defect, check }: Omit<KnownFailure, 'reason' | 'at'>): string {
  return `${scenario} + ${defect} ${check}`;
}

interface Judged {
  name: string;
  defect: string | null;
  findings: Finding[];
}

/** `result` with its known failures marked, and a verdict that does not count them. */
export function markKnown<T extends Judged>(result: T, known: readonly KnownFailure[]): T {
  const { name: scenario, defect } = result;
  const findings = result.findings.map((finding) => {
    if (finding.verdict !== 'fail') return finding;
    const key = keyOf({ scenario, defect, check: finding.check });
    const entry = known.find((candidate) => keyOf(candidate) === key);
    return entry ? { ...finding, known: entry.reason } : finding;
  });
  const counted = findings.filter((finding) => finding.known === undefined);
  return { ...result, findings, verdict: worst(counted.map(({ verdict }) => verdict)) };
}

/** The known failures that were judged in `results` and passed every time: their lines can go. */
export function passingNow(
  results: readonly Judged[],
  known: readonly KnownFailure[],
): KnownFailure[] {
  return known.filter((entry) => {
    const verdicts = results
      .filter(({ name, defect }) => name === entry.scenario && defect === entry.defect)
      .flatMap(({ findings }) => findings.filter(({ check }) => check === entry.check))
      .map(({ verdict }) => verdict);
    return verdicts.length > 0 && verdicts.every((verdict) => verdict === 'pass');
  });
}
