/** Probabilities of tokens. The scripted model has none, so they are derived from the token itself. */
import { hash32 } from '../../../platform/random.ts';

/** Nothing is less likely than this. */
const LOWEST = -5;

interface TokenProbability {
  token: string;
  logprob: number;
  bytes: number[];
}

/** Of one token, with `alternatives` others beside it, the token itself among them. */
export function logprobOf(token: string, alternatives: number) {
  const own = probability(token, 0);
  const others = Array.from({ length: Math.max(0, alternatives - 1) }, (_, i) =>
    probability(`${token}${'~'.repeat(i + 1)}`, LOWEST - i),
  );
  return { ...own, top_logprobs: alternatives === 0 ? [] : [own, ...others] };
}

function probability(token: string, base: number): TokenProbability {
  const logprob = base - (hash32(token) % 1000) / 1000;
  return { token, logprob, bytes: [...Buffer.from(token)] };
}
