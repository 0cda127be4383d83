import { having } from '../../compose.ts';
import { endlessPatience, noDeadlines } from '../../lanes.ts';
import type { AnswerReader } from '../../model/answer.ts';
import type { ModelLink } from '../../model/failure.ts';
import type { Parts } from '../../parts.ts';
import { defect } from '../defect.ts';

/** The reported indexer works on few rows at a time, so as few drips occupy it for ever. */
const SLOTS = 4;

export default defect({
  why: 'The only limit is an inactivity timer that every byte re-arms; readiness relies on it too.',
  parts: (healthy) => ({
    deadlines({ config }) {
      const patience = { ...endlessPatience, firstByteMs: config.attemptMs, idleMs: config.idleMs };
      return { ...noDeadlines, request: patience, turn: patience, background: patience };
    },
    attempt(parts) {
      const attempt = healthy.attempt(parts);
      return (question, patience, scope) => {
        const reader = () => countingAnyByte(question.reader());
        return attempt({ ...question, reader }, patience, scope);
      };
    },
    cascade: (parts) =>
      healthy.cascade(having(parts, { config: { ...parts.config, cascadeSlots: SLOTS } })),
    readiness: (parts) => ({ reasons: () => obviousFailures(parts) }),
  }),
});

function countingAnyByte<T>(reader: AnswerReader<T>): AnswerReader<T> {
  return {
    take(bytes) {
      reader.take(bytes);
      return true;
    },
    get complete() {
      return reader.complete;
    },
    finish: () => reader.finish(),
  };
}

/** Reports failed calls and stale claims only; ages are ignored. */
function obviousFailures({ claims, watch }: Parts): string[] {
  const failing = (link: ModelLink) => watch.state(link).failuresInARow >= 3;
  const links = (['llm', 'embeddings'] as const).filter(failing);
  const { staleClaims } = claims.backlog();
  return [
    ...links.map((link) => `${link}: the last calls failed`),
    ...(staleClaims > 0 ? [`claims: ${staleClaims} are not renewed`] : []),
  ];
}
