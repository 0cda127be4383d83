/** Which links of a target a fault is for: those to what serves chat, embeddings, one by its name, or the front. */

import type { Environment } from '../../environment/environment.ts';
import type { Link } from '../../links/toxiproxy.ts';
import type { Need } from '../../target/needs.ts';
import { type ModelRole, upstreamsFor } from '../../target/upstreams.ts';

export interface Selector {
  /** How faults on it are named: `llm`, `embeddings`, `front`, `redis`. */
  readonly label: string;
  readonly needs: readonly Need[];
  upstreams(environment: Pick<Environment, 'upstreams'>): string[];
  links(environment: Pick<Environment, 'upstreams' | 'links'>): Link[];
}

export function byRole(label: string, role: ModelRole): Selector {
  return select(label, [role], (upstreams) => upstreamsFor(upstreams, role));
}

export function byName(name: string): Selector {
  return select(name, ['upstream'], (upstreams) => (name in upstreams ? [name] : []));
}

/** The way from the clients to the target. */
export const FRONT: Selector = {
  label: 'front',
  needs: [],
  upstreams: () => [],
  links: ({ links }) => linksNamed(links, ['front']),
};

function select(
  label: string,
  needs: readonly Need[],
  names: (upstreams: Environment['upstreams']) => string[],
): Selector {
  return {
    label,
    needs,
    upstreams: ({ upstreams }) => names(upstreams),
    links: ({ links, upstreams }) => linksNamed(links, names(upstreams)),
  };
}

function linksNamed(links: Readonly<Record<string, Link>>, names: readonly string[]): Link[] {
  return names.flatMap((name) => links[name] ?? []);
}
