/**
 * Hung, waiting or live: the one place where that is decided, for every runtime. A hang needs a structure that nobody
 * can end, or a request that is older than its limit while no byte moves, no timer ends it and nothing that it
 * waits for goes on. Pending for some seconds is what a model call looks like.
 */
import { seconds } from '../../wording/numbers.ts';
import type { Case, Verdict } from '../rule.ts';
import { limitText, type RequestLimit, requestLimit } from './limit.ts';

/** Who could end a wait. */
export type Ending =
  /** Nobody, inside the process or outside: a cycle, a lock without a living holder, a lost resolver. */
  | 'nobody'
  /** An upstream, a file, a child, a client. */
  | 'outside'
  /** The program itself: an event, a channel, a queue, another request. */
  | 'inside'
  | 'timer';

export interface Wait {
  ending: Ending;
  /** Of the oldest request that waits; null when nothing shows it. Never more than its real age. */
  oldestMs: number | null;
  /** When a timer will end it; null when none does. */
  timerMs: number | null;
  /** Bytes moved on its client's or its upstream's connection, or what it waits for went on. */
  moves: boolean;
  /** Its client has a part of the answer, or asked for events: an event stream, a WebSocket, a long poll. */
  isStream: boolean;
}

export type Decision = 'hung' | 'waiting' | 'live';

export function decide(wait: Wait, limit: RequestLimit): Decision {
  const { ending, oldestMs, timerMs, moves, isStream } = wait;
  if (ending === 'nobody') return 'hung';
  if (moves) return 'live';
  if (isStream && ending !== 'outside') return 'live';
  if (timerMs !== null && timerMs < limit.ms) return 'waiting';
  return oldestMs !== null && oldestMs >= limit.ms ? 'hung' : 'waiting';
}

/**
 * A verdict in the words of its decision.
 * @param verdict as it would be if it were a hang.
 * @returns null when it is live.
 */
export function verdictOf(
  subject: Pick<Case, 'asked' | 'hints'>,
  verdict: Verdict,
  wait: Wait,
): Verdict | null {
  const limit = requestLimit(subject);
  const decision = decide(wait, limit);
  if (decision === 'live') return null;
  if (decision === 'hung') return verdict;
  const sentence = verdict.sentence?.replace(/\.$/, '');
  return {
    ...verdict,
    code: 'waiting',
    isDecided: false,
    sentence: `${sentence ? `${sentence}: ` : ''}${MAY_END[wait.ending]}. ${whenToLook(wait, limit)}`,
  };
}

const MAY_END: Readonly<Record<Ending, string>> = {
  nobody: 'nobody can end that',
  outside: 'it may still answer',
  inside: 'it may still come',
  timer: 'that will end',
};

/** What would decide, and when. */
export function whenToLook(
  { oldestMs, timerMs }: Pick<Wait, 'oldestMs' | 'timerMs'>,
  limit: RequestLimit,
): string {
  const give = limit.from === 'default' ? ', or give --request-limit' : '';
  const timer = timerMs === null ? '' : ` A timer ends it in ${seconds(timerMs)}.`;
  if (oldestMs === null) {
    return `How old the requests are is not known; their limit is ${limitText(limit)}.${timer} \`--watch-for ${Math.ceil(limit.ms / 1000)}s\` would decide.`;
  }
  const leftMs = timerMs ?? Math.max(0, limit.ms - oldestMs);
  return `The oldest request is ${seconds(oldestMs)} old, its limit is ${limitText(limit)}.${timer} Look again in ${seconds(leftMs + 1000)}${give}.`;
}
