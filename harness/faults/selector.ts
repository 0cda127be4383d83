/** Which upstreams of a target a fault is for: those that serve chat, embeddings, or one by its name. */

import type { Environment } from '../environment/environment.ts';
import type { Link } from '../links/toxiproxy.ts';
import type { Need } from '../target/needs.ts';
import { type ModelRole, upstreamsFor } from '../target/upstreams.ts';

export interface Selector {
  /** How faults on it are named: `llm`, `embeddings`, `front`, `redis`. */
  readonly label: string;
  readonly needs: readonly Need[];
  upstreams(environment: Pick<Environment, 'upstreams'>): string[];
  links(environment: Pick<Environment, 'upstreams' | 'links'>): Link[];
}

export function byRole(label: string, role: ModelRole): Selector {
  const upstreams: Selector['upstreams'] = (environment) =>
    upstreamsFor(environment.upstreams, role);
  return {
    label,
    needs: [role],
    upstreams,
    links: (environment) => linksNamed(environment.links, upstreams(environment)),
  };
}

/** The way from the clients to the target. */
export const FRONT: Selector = {
  label: 'front',
  needs: [],
  upstreams: () => [],
  links: ({ links }) => linksNamed(links, ['front']),
};

function linksNamed(links: Readonly<Record<string, Link>>, names: readonly string[]): Link[] {
  return names.flatMap((name) => links[name] ?? []);
}
