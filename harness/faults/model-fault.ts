/** A fault that the scripted model commits itself, by count: on each matching request from now on. */
import type { Behaviour, Rule } from '../llm/behaviour.ts';
import type { Fault } from './fault.ts';

export type ModelLink = 'llm' | 'embeddings';

const OPERATION = { llm: 'chat', embeddings: 'embeddings' } as const;

/** @param when which of the link's requests; all of them without it. */
export function modelFault(
  link: ModelLink,
  faultName: string,
  behaviour: Omit<Behaviour, 'name'>,
  when: Omit<NonNullable<Rule['when']>, 'operation'> = {},
): Fault {
  const name = `${link}.${faultName}`;
  return {
    name,
    link,
    inject: ({ modelRules }) =>
      modelRules.add({
        when: { ...when, operation: OPERATION[link] },
        behaviour: { name, ...behaviour },
      }),
    async fired({ model }) {
      const hits = (await model.hits())[name] ?? 0;
      return hits === 0 ? null : `${hits} ${OPERATION[link]} requests met it`;
    },
  };
}
