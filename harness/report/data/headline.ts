/** A run in one sentence: what was found, where, and who holds it; then what else was found. */
import type { Finding } from '../../checks/check.ts';
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import { plural } from '../../platform/plural.ts';

export interface Headline {
  headline: string;
  details: string[];
}

export interface Judged {
  verdict: 'pass' | 'fail' | 'inconclusive' | null;
  findings: readonly Finding[];
  diagnosis: Diagnosis | null;
  /** Why there is no verdict. */
  message?: string | undefined;
}

export function headlineOf({ verdict, findings, diagnosis, message }: Judged): Headline {
  if (verdict === null) return { headline: message ?? 'The run has no verdict.', details: [] };
  if (verdict === 'pass') return passed(findings);
  const told = findings.filter((finding) => finding.verdict === verdict && !finding.known);
  const messages = told.map(({ check, message: text }) => `${check}: ${text}`);
  const hasCause = diagnosis !== null && !isLive(diagnosis);
  if (verdict === 'fail' && hasCause) {
    // `waiting` says by itself that it is not decided.
    const unsure = diagnosis.decided || diagnosis.code === 'waiting' ? '' : 'Probably: ';
    return { headline: sentence(`${unsure}${diagnosis.sentence}`), details: messages };
  }
  const [first, ...rest] = told.map(({ message: text }) => text);
  const [, ...details] = messages;
  return {
    headline: sentence(first ?? 'No finding says why.'),
    details: rest.length > 0 ? details : [],
  };
}

function isLive({ code }: Diagnosis): boolean {
  return code === 'live';
}

function passed(findings: readonly Finding[]): Headline {
  const known = findings.filter((finding) => finding.known !== undefined).length;
  const held = findings.filter(({ verdict }) => verdict === 'pass').length;
  const fault = findings.find(({ check }) => check === 'fault-fired');
  return {
    headline: `${plural(held, 'check')} of ${findings.length} passed${known > 0 ? `, and ${plural(known, 'known failure')} did not count` : ''}.`,
    details: fault ? [fault.message] : [],
  };
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
