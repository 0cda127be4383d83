/** A fault that the scripted model commits itself, by count: on each matching request from now on. */
import type { Behaviour, Rule } from '../llm/behaviour.ts';
import { MARK } from '../load/documents.ts';
import type { Fault } from './fault.ts';

export type ModelLink = 'llm' | 'embeddings';

/** Which requests; all of them without any. */
export interface Whom {
  /** Those about marked documents only (see `uploads({ mark })`). */
  marked?: boolean;
  /** Every k-th. */
  every?: number;
}

type When = NonNullable<Rule['when']>;

const OPERATION = { llm: 'chat', embeddings: 'embeddings' } as const;

export function whenOf({ marked, every }: Whom): When {
  return { ...(marked ? { contains: MARK } : {}), ...(every === undefined ? {} : { every }) };
}

export function modelFault(
  link: ModelLink,
  faultName: string,
  behaviour: Omit<Behaviour, 'name'>,
  when: Omit<When, 'operation'> = {},
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
