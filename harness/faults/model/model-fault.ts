/** A fault that the scripted model commits itself, by count: on each matching request from now on. */

import { z } from 'zod';
import type { Environment } from '../../environment/environment.ts';
import type { Behaviour, Rule } from '../../llm/index.ts';
import { count } from '../../platform/options.ts';
import { plural } from '../../platform/plural.ts';
import { FAULT_MARKER } from '../../target/operations/input.ts';
import type { ModelRole } from '../../target/upstreams.ts';
import type { Fault } from '../fault.ts';
import { byRole } from '../links/selector.ts';

/** The two ways to a model that scenarios name. */
export type ModelLink = 'llm' | 'embeddings';

export const ROLE: Record<ModelLink, ModelRole> = { llm: 'chat', embeddings: 'embeddings' };

/** Which requests; all of them without any. */
export interface RequestFilter {
  /** Those about marked inputs only (see `writes({ markEvery })`). */
  marked?: boolean;
  /** Every k-th. */
  every?: number;
  /** Those with this in their text only. */
  contains?: string;
}

/** The options of a filter, for the shape of a fault's. */
export const FILTER = {
  marked: z.boolean().optional(),
  every: count.optional(),
  contains: z.string().min(1).optional(),
};

type Made = Omit<Behaviour, 'name'>;
type When = NonNullable<Rule['when']>;

export function ruleCondition({ marked, every, contains }: RequestFilter): When {
  return {
    ...(contains === undefined ? {} : { contains }),
    ...(marked ? { contains: FAULT_MARKER } : {}),
    ...(every === undefined ? {} : { every }),
  };
}

export function modelFault(
  link: ModelLink,
  faultName: string,
  behaviour: Made | ((environment: Environment) => Made),
  filter: RequestFilter = {},
): Fault {
  const name = `${link}.${faultName}`;
  const operation = ROLE[link];
  const { needs, upstreams } = byRole(link, operation);
  return {
    name,
    needs: filter.marked ? [...needs, 'marked-write'] : needs,
    touches: upstreams,
    async inject(environment) {
      const { model, modelRules } = environment;
      const when = { ...ruleCondition(filter), operation };
      const before = await hitsOf(model, name);
      const made = typeof behaviour === 'function' ? behaviour(environment) : behaviour;
      const rule = await modelRules.add({ when, behaviour: { name, ...made } });
      return {
        async evidence() {
          const hits = (await hitsOf(model, name)) - before;
          return hits === 0 ? null : `${plural(hits, `${operation} request`)} met it`;
        },
        [Symbol.asyncDispose]: () => rule[Symbol.asyncDispose](),
      };
    },
  };
}

async function hitsOf(
  model: { hits(): Promise<Record<string, number>> } | null,
  name: string,
): Promise<number> {
  return (await model?.hits())?.[name] ?? 0;
}
