/** Which requests to a service meet a fault, and what happens to them; by count and content, never by chance. */

export interface HttpRequestFilter {
  /** The path without its query; `*` stands for anything. */
  path?: string;
  method?: string;
  /** Every k-th of them. */
  every?: number;
  /** Lets the first ones pass. */
  skip?: number;
  /** Takes so many, and no more. */
  times?: number;
}

/** In place of the service's own answer, or of a part of it. */
export type HttpFault =
  | { kind: 'status'; status: number; retryAfterS?: number }
  /** 200 with an HTML page. */
  | { kind: 'garbage' }
  /** The service's answer, cut after so many bytes of its body. */
  | { kind: 'cut'; bytes: number }
  /** So many bytes of the body, then nothing more; the connection stays open. */
  | { kind: 'silent'; bytes: number }
  /** No answer at all; the connection stays open. */
  | { kind: 'held' };

export interface HttpRule {
  /** Stands in the evidence; its hits are counted under it. */
  name: string;
  when: HttpRequestFilter;
  fault: HttpFault;
}

export interface HttpRules {
  /** Puts a rule in force; disposing takes it away. A rule counts what reaches it from now on. */
  add(rule: HttpRule): Disposable & { hits(): number };
  /** The fault of the first rule that takes this request; null for the service's own answer. */
  choose(method: string, path: string): { fault: HttpFault; hit(): void } | null;
}

interface InForce {
  rule: HttpRule;
  seen: number;
  taken: number;
  hits: number;
}

export function httpRules(): HttpRules {
  const inForce: InForce[] = [];
  return {
    add(rule) {
      const entry: InForce = { rule, seen: 0, taken: 0, hits: 0 };
      inForce.push(entry);
      return {
        hits: () => entry.hits,
        [Symbol.dispose]() {
          const at = inForce.indexOf(entry);
          if (at >= 0) inForce.splice(at, 1);
        },
      };
    },
    choose(method, path) {
      const entry = inForce.find((each) => takes(each, method, path));
      if (!entry) return null;
      return { fault: entry.rule.fault, hit: () => void entry.hits++ };
    },
  };
}

function takes(entry: InForce, method: string, path: string): boolean {
  const { when } = entry.rule;
  if (when.method !== undefined && when.method.toUpperCase() !== method) return false;
  if (when.path !== undefined && !matches(when.path, path)) return false;
  entry.seen++;
  const after = entry.seen - (when.skip ?? 0);
  if (after < 1 || after % (when.every ?? 1) !== 0) return false;
  if (entry.taken >= (when.times ?? Number.POSITIVE_INFINITY)) return false;
  entry.taken++;
  return true;
}

function matches(pattern: string, path: string): boolean {
  const parts = pattern.split('*').map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join('.*')}$`).test(path.split('?')[0] ?? path);
}
