/** Clients do not read, and what they should get fills the memory. */
import { listeningPorts } from '../../../platform/procfs/listening.ts';
import type { OutsideFacts } from '../../facts/outside-facts.ts';
import { plural } from '../../wording/numbers.ts';
import type { Rule } from '../rule.ts';
import { hasOneLoop, loopState } from './loop-state.ts';

/** Four times the smallest send buffer that Linux gives by default (tcp_wmem): more than a busy client leaves unread. */
const UNSENT_BYTES = 64_000;
/** A steady heap moves by less than this between two collections; a stream that is not held back by far more. */
const GROWTH_BYTES_PER_SECOND = 4e6;

export const backpressure: Rule = {
  codes: ['backpressure-growth'],
  judge(subject) {
    if (!hasOneLoop(subject) || !loopState(subject).turns) return null;
    const unsent = unsentTo(subject.outside);
    return unsent ? { verdict: { code: 'backpressure-growth' }, evidence: [unsent] } : null;
  },
};

/** Small queues and a steady heap are nothing. */
function unsentTo({ sockets, first, last, windowMs }: OutsideFacts): string | null {
  const ports = listeningPorts(sockets);
  const full = sockets.filter(
    ({ localPort, sendQueueBytes }) => ports.has(localPort) && sendQueueBytes > UNSENT_BYTES,
  );
  const grownBytes = last.rssBytes - first.rssBytes;
  if (full.length === 0 || grownBytes < GROWTH_BYTES_PER_SECOND * (windowMs / 1000)) return null;
  const unsentBytes = full.reduce((sum, { sendQueueBytes }) => sum + sendQueueBytes, 0);
  const who = full.length === 1 ? '1 client does' : `${full.length} clients do`;
  return `${who} not read: ${plural(unsentBytes, 'byte')} wait in their sockets, and memory grew by ${Math.round(grownBytes / 1e6)} MB meanwhile`;
}
