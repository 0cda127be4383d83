/** Requests that no code can answer: nothing of the program reaches their responses any more. */
import type { Where } from '../../diagnosis.ts';
import type { OpenRequest } from '../../facts/await-facts.ts';
import { plural, seconds } from '../../wording/numbers.ts';
import { howToRetain } from '../../wording/retain-promises.ts';
import type { Rule } from '../rule.ts';
import { awaitCase } from './await-case.ts';

const SHOWN = 5;

export const orphaned: Rule = {
  codes: ['orphaned'],
  judge(subject) {
    const awaits = awaitCase(subject);
    const orphans = awaits?.facts.requests.filter(({ isOrphan }) => isOrphan) ?? [];
    const requests = awaits?.verdict?.requests ?? 0;
    if (!awaits || orphans.length === 0 || orphans.length < requests) return null;
    const { verdict, agesMs } = awaits;
    const shown = orphans.slice(0, SHOWN).map(({ id, method, path }) => {
      const ageMs = agesMs.get(id);
      return `${method} ${path}${ageMs ? ` (${seconds(ageMs)})` : ''}`;
    });
    const their = orphans.length === 1 ? 'its response' : 'their responses';
    return {
      verdict: {
        code: 'orphaned',
        sentence: `${plural(orphans.length, 'request')} will never be answered: nothing of the program holds ${their} any more (${shown.join(', ')}).`,
        where: [...handlersOf(orphans), ...(verdict?.where ?? [])],
        holder: {
          kind: 'nobody',
          sentence:
            'the functions that should answer awaited promises that nobody kept, and were collected',
          where: null,
        },
        evidence: [
          ...(verdict ? [`beside them: ${verdict.sentence}`, ...verdict.evidence] : []),
          howToRetain(subject.asked.isRun),
        ],
      },
    };
  },
};

/** The handlers that should have answered, at the line where they handed the response on. */
function handlersOf(orphans: readonly OpenRequest[]): Where[] {
  const places = new Map<string, Where>();
  for (const { handler } of orphans) {
    if (!handler) continue;
    const key = `${handler.file}:${handler.line}`;
    const count = (places.get(key)?.count ?? 0) + 1;
    places.set(key, {
      ...handler,
      count,
      ageMs: null,
      chain: [],
      waitsFor: 'nothing: its response is lost',
      locals: [],
    });
  }
  return [...places.values()];
}
