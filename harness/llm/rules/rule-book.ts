/** The rules in force: which behaviour, if any, a request gets, and how often each has taken effect. */
import { hash32 } from '../../platform/random.ts';
import type { Operation, RouteName } from '../protocols/endpoint.ts';
import type { Behaviour } from './behaviour.ts';
import type { Rule, When } from './rules.ts';

/** What rules look at in a request. */
export interface Asked {
  operation: Operation;
  route: RouteName;
  path: string;
  /** The name of the port that it came in on; null for the port that has none. */
  upstream: string | null;
  model: string | null;
  streamed: boolean;
  subject: string | null;
  text: string;
  lastText: string;
  answersTool?: boolean;
}

export interface RuleBook {
  /**
   * Replaces the rules. A new rule's counts begin now; one that was in force already, word for word,
   * goes on counting, so that taking another one away does not reset it.
   */
  set(rules: readonly Rule[]): void;
  readonly rules: readonly Rule[];
  /** The behaviour of the first rule that takes this request. A rule counts what reaches it. */
  choose(asked: Asked): Behaviour | null;
  /** Notes that the behaviour of this name has taken effect on a request. */
  recordHit(name: string): void;
  /** How often each behaviour has taken effect since the server began; 0 for one that has not. */
  hits(): Record<string, number>;
}

export function ruleBook(): RuleBook {
  let inForce: { key: string; rule: Rule; takes: (asked: Asked) => boolean }[] = [];
  const hits = new Map<string, number>();
  return {
    set: (next) => {
      const before = [...inForce];
      inForce = next.map((rule) => {
        const key = JSON.stringify(rule);
        const at = before.findIndex((old) => old.key === key);
        const [old] = at < 0 ? [] : before.splice(at, 1);
        return old ?? { key, rule, takes: matcher(rule.when ?? {}) };
      });
      for (const { rule } of inForce) {
        hits.set(rule.behaviour.name, hits.get(rule.behaviour.name) ?? 0);
      }
    },
    get rules() {
      return inForce.map(({ rule }) => rule);
    },
    choose: (asked) => inForce.find(({ takes }) => takes(asked))?.rule.behaviour ?? null,
    recordHit: (name) => {
      hits.set(name, (hits.get(name) ?? 0) + 1);
    },
    hits: () => Object.fromEntries(hits),
  };
}

/** First which requests are meant, then which of those (subjectEvery, skip, every, times). */
function matcher(when: When): (asked: Asked) => boolean {
  const isMeant = filterOf(when);
  const subjects = new Map<string | number, number>();
  let seen = 0;
  let taken = 0;
  return (asked) => {
    if (!isMeant(asked)) return false;
    if (when.subjectEvery !== undefined) {
      const key = asked.subject ?? hash32(asked.text);
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

function filterOf(when: When): (asked: Asked) => boolean {
  const isOneOf = <T>(wanted: T | readonly T[] | undefined, value: T): boolean =>
    wanted === undefined || (Array.isArray(wanted) ? wanted.includes(value) : wanted === value);
  const path = when.path === undefined ? null : globOf(when.path);
  return (asked) =>
    isOneOf(when.operation, asked.operation) &&
    isOneOf(when.route, asked.route) &&
    isOneOf(when.upstream, asked.upstream ?? '') &&
    isOneOf(when.model, asked.model ?? '') &&
    isOneOf(when.stream, asked.streamed) &&
    (path === null || path.test(asked.path)) &&
    (when.contains === undefined || asked.text.includes(when.contains)) &&
    (when.lastContains === undefined || asked.lastText.includes(when.lastContains));
}

function globOf(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
