/** The structured form of an answer: thoughts, then the answer itself. */
import { z } from 'zod';
import { excerpt, garbage, parseJson } from '../model/excerpt.ts';

const steps = z.object({ thoughts: z.array(z.string()), answer: z.string() });

export const STEPS_SCHEMA = { name: 'steps', schema: z.toJSONSchema(steps) };

/** Not every model thinks before it answers. */
const accepted = steps.partial({ thoughts: true });

/** @throws ModelFailure `garbage` when the complete `text` is not a structured answer */
export function checkSteps(text: string): void {
  if (!accepted.safeParse(parseJson(text)).success) {
    throw garbage('llm', `not the JSON asked for: ${excerpt(text)}`);
  }
}
