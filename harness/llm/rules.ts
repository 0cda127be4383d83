/** The rules in force: which behaviour, if any, a request gets, and how often each one has bitten. */
import { hash32 } from '../platform/random.ts';
import type { Behaviour, Rule } from './behaviour.ts';

/** What rules look at in a request. */
export interface Asked {
  operation: 'chat' | 'embeddings' | 'models';
  subject: string | null;
  text: string;
}

export interface RuleBook {
  /**
   * Replaces the rules. A new rule's counts begin now; one that was in force already, word for word,
   * goes on counting, so that taking another one away does not wind it up again.
   */
  set(rules: readonly Rule[]): void;
  /** The behaviour of the first rule that takes this request. A rule counts what reaches it. */
  choose(asked: Asked): Behaviour | null;
  /** Notes that the behaviour of this name has really happened to a request. */
  bitten(name: string): void;
  /** How often each behaviour has bitten since the server began, those set but idle included. */
  hits(): Record<string, number>;
}

export function ruleBook(): RuleBook {
  let rules: { key: string; behaviour: Behaviour; takes: (asked: Asked) => boolean }[] = [];
  const hits = new Map<string, number>();
  return {
    set: (next) => {
      const standing = [...rules];
      rules = next.map((rule) => {
        const key = JSON.stringify(rule);
        const at = standing.findIndex((old) => old.key === key);
        const [old] = at < 0 ? [] : standing.splice(at, 1);
        return old ?? { key, behaviour: rule.behaviour, takes: matcher(rule) };
      });
      for (const { name } of rules.map(({ behaviour }) => behaviour)) {
        hits.set(name, hits.get(name) ?? 0);
      }
    },
    choose: (asked) => rules.find(({ takes }) => takes(asked))?.behaviour ?? null,
    bitten: (name) => {
      hits.set(name, (hits.get(name) ?? 0) + 1);
    },
    hits: () => Object.fromEntries(hits),
  };
}

/** First who is meant (operation, text, subject), then which of those (skip, every, times). */
function matcher({ when = {} }: Rule): (asked: Asked) => boolean {
  const subjects = new Map<string | number, number>();
  let seen = 0;
  let taken = 0;
  return ({ operation, subject, text }) => {
    if (when.operation !== undefined && when.operation !== operation) return false;
    if (when.contains !== undefined && !text.includes(when.contains)) return false;
    if (when.subjectEvery !== undefined) {
      const key = subject ?? hash32(text);
      const number = subjects.get(key) ?? subjects.size + 1;
      subjects.set(key, number);
      if (number % when.subjectEvery !== 0) return false;
    }
    seen++;
    const after = seen - (when.skip ?? 0);
    if (after < 1 || after % (when.every ?? 1) !== 0) return false;
    if (taken >= (when.times ?? Number.POSITIVE_INFINITY)) return false;
    taken++;
    return true;
  };
}
