/** Facts as a file: written without secrets, and read back. */
import { HanglabError, messageOf } from '../../platform/errors.ts';
import { redactWithin } from '../../platform/redact.ts';
import { FACTS_SCHEMA, type Facts } from './facts.ts';

/** The text of a `facts.json`. Secrets, homes and URLs' queries are left out. */
export function factsJson(facts: Facts): string {
  return `${JSON.stringify(redactWithin(facts), null, 1)}\n`;
}

/**
 * Facts from the text of such a file.
 * @throws HanglabError `bad-facts` when it is none, or of another version.
 */
export function parseFacts(text: string, name: string): Facts {
  const bad = (why: string): HanglabError =>
    new HanglabError(
      'bad-facts',
      `${name}: ${why}. Expected a file that \`hanglab diagnose --save-facts\` wrote.`,
    );
  let facts: Partial<Facts> | null;
  try {
    facts = JSON.parse(text) as Partial<Facts> | null;
  } catch (error) {
    throw bad(messageOf(error));
  }
  if (facts?.schema !== FACTS_SCHEMA) {
    throw bad(`its schema is ${JSON.stringify(facts?.schema)}, not "${FACTS_SCHEMA}"`);
  }
  const { processes, asked, hints } = facts;
  const isWhole = Array.isArray(processes) && processes.length > 0 && processes.every(isProcess);
  if (!isWhole || !asked || !hints) throw bad('it is not whole');
  return facts as Facts;
}

function isProcess(value: unknown): boolean {
  const { pid, runtime, outside, frozenMs } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof pid === 'number' &&
    typeof runtime === 'string' &&
    typeof frozenMs === 'number' &&
    typeof outside === 'object'
  );
}
