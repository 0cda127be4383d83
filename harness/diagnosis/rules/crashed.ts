/** The process has ended, is a zombie, or its number belongs to another. */
import type { RunHints } from '../run-hints.ts';
import { type Rule, ruledOut } from './rule.ts';

export const crashed: Rule = {
  codes: ['crashed'],
  judge({ process, outside, hints }) {
    if (process.outside === null) {
      return { verdict: { code: 'crashed' }, evidence: ['the process has gone'] };
    }
    if (outside.alive && !hints.exit) {
      return ruledOut('crashed', 'the process lives, and is the one that was asked for');
    }
    return { verdict: { code: 'crashed' }, evidence: [exitOf(hints)] };
  },
};

function exitOf({ exit }: RunHints): string {
  if (!exit) return 'it has ended, is a zombie, or another process has its number now';
  return exit.signal ? `it was ended by ${exit.signal}` : `it ended with exit code ${exit.code}`;
}
